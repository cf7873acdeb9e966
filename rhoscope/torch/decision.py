"""The decision about one step's gradients, the same in all processes. Letter: M modalities."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from rhoscope.torch.balance import RatioRule
from rhoscope.torch.balance import ratios as ratios_of
from rhoscope.torch.coefficients import Brake, Lead, Rule, shares_kept
from rhoscope.torch.gradients import vector_of
from rhoscope.torch.modulation import BRAKING, ENHANCING, STRATEGIES, Modulator, Order, Parts
from rhoscope.torch.reading import parts_of
from rhoscope.torch.replicas import Peers
from rhoscope.torch.settings import Knobs
from rhoscope.torch.tally import NONE, Tally, constant, looked
from rhoscope.torch.task import Task

SQUARES = "square of "


class Decision:
    """From ratios to k, by the strategy that holds now; between two looks the last ratios hold.

    In one process the knobs decide. In several the first one's do: alpha and the noise's factor as tensors,
    in the same step; which kernels run, and whether to stop, some steps later, once the host knows.
    """

    def __init__(
        self,
        modalities: tuple[str, ...],
        knobs: Knobs,
        peers: Peers,
        rule: RatioRule,
        k_rule: Rule,
    ) -> None:
        self._modalities, self._knobs, self._peers = modalities, knobs, peers
        self._rule, self._k_rule = rule, k_rule
        self._lead: Lead | None = None
        self._brake = Brake(k_rule)
        self._said: Tensor | None = None
        self._initial: str = knobs.strategy()
        self._kept: dict[object, Tensor] = {}
        self.ordered_to_stop: Callable[[], bool] = lambda: False

    @property
    def stops(self) -> bool:
        """Whether the first process was ordered to stop, a few steps ago."""
        return bool(self._peers.decided and self._peers.decided[3])

    def act(
        self, step: int, tally: Tally | None, task: Task | None, modulator: Modulator, *, on_update: bool
    ) -> tuple[Parts, Tensor]:
        """Raw numbers of the step, and each modality's k [M]; gradients are modulated then.

        `on_update`: k is left to the update.
        """
        norms = dict(_vectors(modulator.act(Order()))) if modulator.sharded else {}
        if self._peers.size > 1 and (tally is not None or norms):
            tally, norms = self._shared(step, tally, norms, modulator.copies)
        strategy = self._strategy(step)
        parts: Parts = {} if tally is None else {**parts_of(tally)}
        if task is not None and task.speeds and not modulator.sharded:
            speeds, logs = modulator.speeds()
            parts |= speeds
            if strategy in BRAKING:
                self._lead = Lead(ratios_of(logs, self._rule).nan_to_num(NONE).to(torch.float32))
                parts["rho"] = self._lead.own
        elif strategy in BRAKING and (lead := self._led(task, tally)):
            self._lead = lead
            if lead.other is None:  # else it is worked out where the row arrives
                parts["rho"] = lead.own
        k = self._k(strategy, modulator.device)
        noise = self._noise(strategy)
        generator = None if noise is None else self._peers.generator(modulator.device)
        parts |= modulator.act(Order(None if on_update else k, noise, generator)) | norms
        if k is None:
            one = torch.empty(0, device=modulator.device)
            return parts, constant(1.0, len(self._modalities), one, self._kept)
        return parts | {"k": k} | ({"on_update": k[:1]} if on_update else {}), k

    def _led(self, task: Task | None, tally: Tally | None) -> Lead | None:
        if task is None or tally is None or not looked(tally):
            return None
        return task.lead(tally, self._rule)

    def _strategy(self, step: int) -> str:
        if self._peers.size == 1:
            return self._knobs.strategy_at(step)
        return STRATEGIES[int(self._peers.decided[2])] if self._peers.decided else self._initial

    def _k(self, strategy: str, device: torch.device) -> Tensor | None:
        if strategy not in BRAKING or self._lead is None:
            return None
        if self._lead.own.device != device:  # a checkpoint brought it from elsewhere
            self._lead = Lead(self._lead.ratios().to(device))
        alpha = self._knobs.alpha() if self._said is None else self._said[0].to(self._lead.own.dtype)
        if self._lead.own.is_cpu:
            return shares_kept(self._lead.ratios(), alpha, self._k_rule)
        return self._brake(self._lead, alpha)

    def _noise(self, strategy: str) -> float | Tensor | None:
        if strategy not in ENHANCING:
            return None
        scale: float = self._knobs.noise_scale()
        return scale if self._said is None else self._said[1].to(torch.float32)

    def _shared(
        self, step: int, tally: Tally | None, norms: dict[str, Tensor], copies: int
    ) -> tuple[Tally | None, dict[str, Tensor]]:
        """The step's tally over all processes, and norms of gradients whose parts they hold."""
        strategy = self._knobs.strategy_at(step)
        words = (
            float(self._knobs.alpha()) if strategy in BRAKING else 0.0,
            float(self._knobs.noise_scale()) if strategy in ENHANCING else 0.0,
            float(STRATEGIES.index(strategy)),
            float(self.ordered_to_stop()),
        )
        squares = {f"{SQUARES}{name}": each.double().square().sum()[None] for name, each in norms.items()}
        one = tally or Tally(torch.empty(0, device=next(iter(norms.values())).device), {})
        one = replace(one.mergeable(), sums={**one.sums, **squares})
        every, self._said = self._peers.joined(one.packed(), words)
        whole = one.merged(every, masked=True)
        lengths = {name: (whole.sums[f"{SQUARES}{name}"] / copies).sqrt() for name in norms}
        sums = {name: each for name, each in whole.sums.items() if not name.startswith(SQUARES)}
        return (Tally(whole.logs, sums, masked=True) if tally else None), lengths

    def state_dict(self) -> dict[str, Any]:
        """The last ratios, and the shared random numbers' state."""
        rho = None if self._lead is None else self._lead.ratios()
        return {"rho": rho, "generators": self._peers.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        rho = state.get("rho")
        self._lead = None if rho is None else Lead(rho)
        self._initial = self._knobs.strategy()
        self._peers.load_state_dict(state.get("generators", {}))


def _vectors(parts: Parts) -> Iterator[tuple[str, Tensor]]:
    return ((name, vector_of(part)) for name, part in parts.items())
