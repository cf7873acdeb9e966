"""`rhoscope.Balance`: the balance between encoders of a network that is not ours, in its own loop."""

import logging
from collections.abc import Mapping
from typing import Any, Literal, Unpack

from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from rhoscope.errors import InvalidInput
from rhoscope.torch.balance import RatioRule
from rhoscope.torch.capture import Encoder, Encoders
from rhoscope.torch.coefficients import Rule
from rhoscope.torch.gradients import gradients
from rhoscope.torch.guest_series import of_guest
from rhoscope.torch.modulation import STRATEGIES, Modulator, Order
from rhoscope.torch.replicas import Peers
from rhoscope.torch.rows import RowsOfRun
from rhoscope.torch.scoring import Scoring, Ways
from rhoscope.torch.tally import Tally, gathered
from rhoscope.tracker.knobs import Knob
from rhoscope.tracker.run import Run
from rhoscope.tracker.start import present_run

log = logging.getLogger("rhoscope.balance")
Window = tuple[int, int | None]


class Options(Ways, total=False):
    """Further options of `Balance`.

    `scope`: parameters to modulate; `window`: first and last step to modulate, from 0; `scaler`: of mixed
    precision; `model`: where encoders are named; `group`: of processes; `run`: by default the present one;
    `order`: of modulation and clipping, for the run's facts, where the loop knows it.
    """

    scope: Literal["all", "conv", "auto"]
    ratio: RatioRule
    k_rule: Rule
    noise_scale: float
    window: Window
    scaler: GradScaler
    model: nn.Module
    group: Any
    run: Run
    order: Literal["before-clip", "after-clip"]


class Balance:
    """Measures each modality's share of a step and, if asked, slows down the one that is ahead.

    With `optimizer`, its hooks do it: call `observe` after each forward pass, and nothing else. Without, call
    `step` between the backward pass (and `scaler.unscale_`) and the optimizer, before any clipping.
    """

    def __init__(
        self,
        encoders: Mapping[str, Encoder],
        *,
        head: nn.Module | None = None,
        optimizer: Optimizer | None = None,
        strategy: str = "watch",
        alpha: float = 1.5,
        **options: Unpack[Options],
    ) -> None:
        """`encoders` by modality: modules, their names in `model`, or their parameters.

        Raises:
            InvalidInput: for what fits no balance; nothing that comes later raises.
        """
        self.modalities = tuple(encoders)
        self.number = 0
        self.run = options.get("run") or present_run()
        self._encoders = Encoders(encoders, options.get("model"), head)
        self._scoring = Scoring(self.modalities, head, options, _say)
        parameters, modules = self._encoders.parameters, self._encoders.modules
        self._modulator = Modulator(parameters, modules, options.get("scope", "all"))
        self._peers = Peers(options.get("group"))
        self._rows = RowsOfRun(self.run) if self.run and self._peers.first else None
        self._ratio, self._rule = options.get("ratio", "mean"), options.get("k_rule", "paper")
        self._scaler = options.get("scaler")
        self._tallies: list[Tally] = []
        self._k: dict[str, Tensor] | None = None
        self._row: dict[str, Tensor] = {}
        self._due = self._warned = False
        self._optimizer = optimizer = bare(optimizer)
        self._clipping = options.get("order", "after-clip" if optimizer else "before-clip")
        self._offer(strategy, alpha, options.get("noise_scale", 1.0), options.get("window", (0, None)))
        self._hooks = (
            []
            if optimizer is None
            else [
                optimizer.register_step_pre_hook(self._before),
                optimizer.register_step_post_hook(lambda *_: self._after()),
            ]
        )

    def _offer(self, strategy: str, alpha: float, noise_scale: float, window: Window) -> None:
        """The settings that can be turned while it trains."""
        if strategy not in STRATEGIES:
            raise InvalidInput.field("strategy", f"expected one of {', '.join(STRATEGIES)}", strategy)
        able: tuple[str, ...] = STRATEGIES
        if shared := self._encoders.shared():
            _say(f"the encoders of '{shared[0]}' and '{shared[1]}' share parameters, so nothing is modulated")
            strategy, able = STRATEGIES[0], STRATEGIES[:1]
        first, last = window
        self.strategy = Knob("strategy", strategy, choices=able, help="Method that balances modalities.")
        self.alpha = Knob("alpha", float(alpha), ge=0, le=100, help="Strength of the modulation.")
        self.noise_scale = Knob("noise_scale", float(noise_scale), ge=0, le=100, help="Of the added noise.")
        self.starts = Knob("modulation_starts", first, ge=0, help="First step to modulate, from 0.")
        self.ends = Knob("modulation_ends", last, help="Last step to modulate; empty: to the end.")
        if self.run:
            self.run.offer(self._knobs())
            self.run.declare(modalities=self.modalities, strategy=strategy, order=self._clipping)

    def _knobs(self) -> list[Knob]:
        return [self.strategy, self.alpha, self.noise_scale, self.starts, self.ends]

    def observe(
        self,
        target: Tensor,
        *,
        features: Mapping[str, Tensor] | None = None,
        unimodal: Mapping[str, Tensor] | None = None,
        logits: Tensor | None = None,
        present: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Take one micro-batch, after its forward pass: its target [N], with what hooks kept or was given.

        `present` bool [N] by modality says which samples have it. `unimodal` are predictions of each modality
        alone, if the network makes some. Waits for the device at the first batch only.
        """
        if self._tallies and self._skipped():
            self._tallies = []
        given = (unimodal, logits, self._encoders.entered)
        try:
            seen = features or self._encoders.features
            self._tallies.append(self._scoring.tally(target, seen, given, present))
        except (RuntimeError, ValueError, KeyError, IndexError, TypeError) as error:
            _say(f"a batch can't be scored, so nothing is done with it ({error})")
        self._encoders.clear()

    def _skipped(self) -> bool:
        """Whether the scaler left out the step before: its gradients are gone, and no step was taken."""
        each = self._encoders.parameters.values()
        return self._scaler is not None and not any(gradients(parameters) for parameters in each)

    def step(self) -> dict[str, Tensor] | None:
        """Measure and modulate the gradients; each modality's k, or None without anything observed.

        Harmless to repeat until the next batch is observed.
        """
        if not self._tallies:
            return self._k
        parts = [one.packed() for one in self._tallies]
        whole = gathered(self._tallies[0], parts, self._peers.joined if self._peers.size > 1 else None)
        self._tallies = []
        device = whole.count.device
        rho = whole.by_modality(whole.ratios(self._ratio))
        scale = getattr(self._optimizer, "grad_scale", None)
        self._k, values = self._modulator.act(self._order(whole), rho, scale, self._peers.generator(device))
        row = {f"rho.{m}": r for m, r in rho.items()} | {f"k.{m}": k for m, k in self._k.items()} | values
        self._row, self._due = row | self._scores(whole), True
        if self._optimizer is None:
            self._after()
        return self._k

    def skip(self) -> None:
        """Forget what was observed: the optimizer will take no step."""
        self._tallies = []

    def values(self) -> dict[str, Tensor]:
        """The newest row: 0-D tensors by series."""
        return self._row

    def close(self) -> None:
        """Take all hooks away, and hand on what is left."""
        self._encoders.close()
        for hook in self._hooks:
            hook.remove()
        if self._rows:
            self._rows.flush()

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run goes on with."""
        return {"number": self.number, "settings": {knob.name: knob.value for knob in self._knobs()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.number = int(state["number"])
        for knob in self._knobs():
            knob.value = state["settings"].get(knob.name, knob.value)

    def _before(self, _optimizer: Optimizer, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """A closure makes the gradients only later: it has to call `step` itself."""
        if not any(map(callable, (*given[1:], named.get("closure")))):
            self.step()

    def _after(self) -> None:
        """The optimizer took its step, or will: the row is whole."""
        if self._tallies:
            self._tallies = []
            if not self._warned:
                _say("a closure makes the gradients; without balance.step() at its end they are not measured")
            self._warned = True
        if self._due and self._rows:
            scoring = self._scoring
            noisy = any(name.startswith("noise.") for name in self._row)
            series = of_guest(scoring.task, scoring.name, noisy=noisy, masked=scoring.masked)
            self._rows.append(self.number, self._row, series, self.modalities)
        self._due = False
        self.number += 1
        if self._optimizer is not None:
            self._k = None
        if self.run:
            self.run.heed()

    def _scores(self, whole: Tally) -> dict[str, Tensor]:
        named = {"score": whole.scores(), "loss": whole.losses()}
        if self._scoring.task != "regression":
            named["accuracy"] = whole.accuracies()
        if self._scoring.masked:
            named["present"] = whole.count
        return {f"{name}.{m}": v for name, each in named.items() for m, v in whole.by_modality(each).items()}

    def _order(self, whole: Tally) -> Order:
        """The present order: in all processes that of the first one."""
        begins, ends = self.starts(), self.ends()
        inside = begins <= self.number and (ends is None or self.number <= ends)
        chosen = self.strategy() if inside else STRATEGIES[0]
        numbers = [float(STRATEGIES.index(chosen)), self.alpha(), self.noise_scale()]
        which, alpha, noise_scale = self._peers.agreed(numbers, whole.count.device)
        return Order(STRATEGIES[int(which)], alpha, self._rule, noise_scale)


def bare(optimizer: Any) -> Any:
    """The optimizer of torch inside a wrapper of Lightning or accelerate, whose own steps may do nothing."""
    while optimizer is not None and isinstance(getattr(optimizer, "optimizer", None), Optimizer):
        optimizer = optimizer.optimizer
    return optimizer


def _say(text: str) -> None:
    log.warning("rhoscope: %s; training goes on.", text)
