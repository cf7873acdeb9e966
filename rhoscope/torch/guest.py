"""`rhoscope.Balance`: the balance between encoders of a network that is not ours, in its own loop."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Unpack

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from rhoscope.errors import InvalidInput
from rhoscope.torch.alarms import Alarms
from rhoscope.torch.batch import Batch, Seen, check_seen
from rhoscope.torch.capture import Encoder, Encoders
from rhoscope.torch.decision import Decision
from rhoscope.torch.examples import Examples
from rhoscope.torch.gradients import Part, gradients, vector_of
from rhoscope.torch.modulation import ENHANCING, STRATEGIES, Modulator, Parts
from rhoscope.torch.obstacles import late_obstacle, measurable, noise_obstacle, obstacle
from rhoscope.torch.reading import read, series_of_gradients
from rhoscope.torch.replicas import Peers
from rhoscope.torch.rows import RowsOfRun
from rhoscope.torch.scoring import Scoring
from rhoscope.torch.settings import Knobs, Options, check
from rhoscope.torch.tally import Tally, of_loss, whole
from rhoscope.torch.updates import EVERY, Updates
from rhoscope.tracker.start import present_run

__all__ = ["Balance", "Options", "bare"]
log = logging.getLogger("rhoscope.balance")
_UNFIT = (RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError)


class Balance(Examples):
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
        self._optimizer = optimizer = bare(optimizer)
        self._reported: set[str] = set()
        tokens = options.get("task") == "tokens"
        self.modalities = check(options, encoders, optimizer, head)
        self._encoders = Encoders(encoders, options.get("model"), head, recalls=tokens)
        self.number = 0
        self.run = options.get("run") or present_run()
        self._options = options
        self._scoring = Scoring(self.modalities, head, options, self._say)
        parameters, modules = measurable(self._encoders.parameters), self._encoders.modules
        self._modulator = Modulator(parameters, modules, options.get("scope", "all"))
        scaled = {m: self._modulator.scoped(m) for m in self.modalities}
        on_update = options.get("apply_to") == "update"
        self._updates = Updates(parameters, scaled if on_update else None, 1 if tokens else EVERY)
        self._peers = Peers(options.get("group"))
        self._knobs = Knobs(*self._able(strategy), alpha, options)
        self.strategy, self.alpha = self._knobs.strategy, self._knobs.alpha
        rule = options.get("ratio", "mean")
        rules = (rule, options.get("k_rule", "paper"))
        self._decision = Decision(self.modalities, self._knobs, self._peers, *rules)
        self._decision.ordered_to_stop = lambda: bool(self.run and self.run.should_stop)
        self._read: Callable[[Mapping[str, Part]], dict[str, Tensor]]
        self._read = lambda parts: read(self._scoring.task, self.modalities, rule, parts)
        alarms = Alarms(self.modalities, self._say)
        self._rows = RowsOfRun(self.run, self._read, alarms) if self.run and self._peers.first else None
        self._scaler = options.get("scaler")
        self._tallies: list[Tally] = []
        self._observed = 0
        self._k: dict[str, Tensor] | None = None
        self._parts: Parts = {}
        self._hooks = [*_hooked(optimizer, self)]
        self._offer()

    def _able(self, strategy: str) -> tuple[str, tuple[str, ...]]:
        """The strategy to begin with, and those that can be had; says why where these are few."""
        if strategy not in STRATEGIES:
            raise InvalidInput.field("strategy", f"expected one of {', '.join(STRATEGIES)}", strategy)
        parameters = self._encoders.parameters
        able: tuple[str, ...] = STRATEGIES
        reason = obstacle(parameters, self._encoders.modules, self._optimizer)
        if reason:
            able = STRATEGIES[:1]
        elif reason := noise_obstacle(parameters):
            able = tuple(one for one in STRATEGIES if one not in ENHANCING)
        elif strategy != STRATEGIES[0]:
            self._modulator.check(self._options.get("scope", "all"))
        if strategy not in able and reason:
            kind = "no noise is added" if len(able) > 1 else "nothing is modulated"
            self._say(f"{reason}, so {kind}")
            strategy = "ogm" if len(able) > 1 and strategy == "ogm-ge" else STRATEGIES[0]
        return strategy, able

    def _offer(self) -> None:
        if self.run:
            clipping = self._options.get("order", "after-clip" if self._optimizer else "before-clip")
            self.run.offer(self._knobs.all())
            self.run.declare(modalities=self.modalities, strategy=self.strategy(), order=clipping)

    @property
    def should_stop(self) -> bool:
        """Whether somebody ordered the run to stop; of several processes all learn it at the same step."""
        if self._peers.size > 1:
            return self._decision.stops
        return bool(self.run and self.run.should_stop)

    def observe(self, target: Tensor | None = None, **seen: Unpack[Seen]) -> None:
        """Take one micro-batch, after its forward pass: its target, with what hooks kept or was given.

        Waits for the device at the first batch only.
        """
        if self._observed and self._skipped():
            self.skip()
        if not self._observed:
            self._compare()
        try:
            self._look(target, seen)
            self._observed += 1
        except _UNFIT as error:
            self._say(f"a batch can't be scored, so nothing is done with it ({error})")
        self._encoders.clear()

    def _look(self, target: Tensor | None, seen: Seen) -> None:
        loss = check_seen(self.modalities, target, seen)
        batch = self._batch(target, seen)
        self._scoring.begin(batch)
        if loss is not None:
            loss = loss.to(self._modulator.device, non_blocking=True)
        if self.number % self._scoring.every == 0:
            tally = self._scoring.look(batch, self._encoders.entered)
            self._tallies.append(tally if loss is None else of_loss(loss, tally))
        elif loss is not None:
            self._tallies.append(of_loss(loss))

    def _batch(self, target: Tensor | None, seen: Seen) -> Batch:
        samples = 0 if target is None else len(target)
        return Batch(
            target=target,
            features=seen.get("features") or self._encoders.features,
            joined=None if seen.get("features") else self._encoders.joined,
            unimodal=seen.get("unimodal"),
            logits=seen.get("logits"),
            present=seen.get("present"),
            weight=seen.get("weight"),
            again=self._encoders.again(samples, mean=self._options.get("absent") == "batch-mean"),
            removable=tuple(self._options.get("without", self.modalities[:1])),
            shifted=self._options.get("shifted", True),
        )

    def _skipped(self) -> bool:
        """Whether the scaler left out the step before: its gradients are gone, and no step was taken."""
        each = self._encoders.parameters.values()
        return self._scaler is not None and not any(gradients(parameters) for parameters in each)

    def step(self) -> dict[str, Tensor] | None:
        """Measure and modulate the gradients; each modality's k, or None without anything observed.

        Harmless to repeat until the next batch is observed.
        """
        if not self._observed:
            return self._k
        tallies, self._tallies, self._observed = self._tallies, [], 0
        try:
            self._act(whole(tallies) if tallies else None)
        except _UNFIT as error:
            self._k = None
            self._say(f"a step can't be measured, so nothing is done with it ({error})")
        return self._k

    def _act(self, tally: Tally | None) -> None:
        task, on_update = self._scoring.task, self._updates.scales
        self._parts, k = self._decision.act(self.number, tally, task, self._modulator, on_update=on_update)
        self._k = dict(zip(self.modalities, k.unbind(), strict=True))
        self._parts |= self._circumstances()
        if "k" in self._parts and (reason := late_obstacle(self._encoders.parameters)):
            self._say(f"{reason}; make Balance of the network as it is wrapped")
        self._updates.begin(self.number, modulates="k" in self._parts)
        if self._optimizer is None:
            self._close_row()

    def _circumstances(self) -> Parts:
        """The loss's scale where it is still in the gradients, and whether a step is left out."""
        scale = getattr(self._optimizer, "grad_scale", None)
        skipped = getattr(self._optimizer, "found_inf", None)
        parts: Parts = {"scale": scale.reshape(1)} if scale is not None else {}
        if self._optimizer is None and self._scaler is not None:  # which will leave out what is not finite
            norms = [vector_of(part) for name, part in self._parts.items() if name.startswith("norm.")]
            skipped = (~torch.cat(norms).isfinite().all()).to(norms[0].dtype) if norms else None
        return parts | ({"left_out": skipped.reshape(1)} if skipped is not None else {})

    def skip(self) -> None:
        """Forget what was observed: the optimizer will take no step."""
        self._tallies, self._observed = [], 0

    def values(self) -> dict[str, Tensor]:
        """The newest row: 0-D tensors by series."""
        return self._read(self._parts)

    def close(self) -> None:
        """Take all hooks away, and hand on what is left."""
        self._compare()
        self._encoders.close()
        for hook in self._hooks:
            hook.remove()
        if self._rows:
            self._rows.flush()

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run goes on with."""
        return {
            "number": self.number,
            "settings": {knob.name: knob.value for knob in self._knobs.all()},
            "scoring": self._scoring.state_dict(),
            "decision": self._decision.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state. Settings that don't fit this balance keep their values."""
        self.number = int(state["number"])
        for knob in self._knobs.all():
            try:
                knob.turn(state["settings"].get(knob.name, knob.value))
            except InvalidInput as error:
                self._say(f"{knob.name} keeps its value ({error})")
        self._scoring.load_state_dict(state.get("scoring", {}))
        self._decision.load_state_dict(state.get("decision", {}))

    def before(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """The optimizer is about to step. A closure makes the gradients only later: it has to call `step`."""
        if not any(map(callable, (*given[1:], named.get("closure")))):
            self.step()

    def after(self) -> None:
        """The optimizer took its step: the row is whole."""
        if self._observed:
            self.skip()
            self._say(
                "a closure makes the gradients; without balance.step() at its end they are not measured"
            )
        if not self._k:
            self.number += 1
            return
        try:
            self._parts |= self._updates.end(self._k)
            self._close_row()
        except _UNFIT as error:
            self._say(f"a row can't be recorded ({error})")
        self._k = None

    def _close_row(self) -> None:
        if self._rows:
            self._rows.declare([*series_of_gradients(), *self._scoring.series()], self.modalities)
            self._rows.append(self.number, self._parts)
        self.number += 1
        if self.run:
            self.run.heed()

    def _compare(self) -> None:
        """Without the optimizer's hooks, a step is known to be taken when the next batch comes."""
        if self._optimizer is None and self._k and (moved := self._updates.end(self._k)):
            self._parts |= moved
            if self._rows:
                self._rows.append(self.number - 1, moved)

    def _say(self, text: str) -> None:
        """One line of warning for each kind of trouble."""
        if text not in self._reported:
            self._reported.add(text)
            log.warning("rhoscope: %s; training goes on.", text)


def _hooked(optimizer: Optimizer | None, balance: Balance) -> list[Any]:
    if optimizer is None:
        return []
    return [
        optimizer.register_step_pre_hook(lambda _, args, kwargs: balance.before(args, kwargs)),
        optimizer.register_step_post_hook(lambda *_: balance.after()),
    ]


def bare(optimizer: Any) -> Any:
    """The optimizer of torch inside a wrapper of Lightning or accelerate, whose own steps may do nothing."""
    while optimizer is not None and isinstance(getattr(optimizer, "optimizer", None), Optimizer):
        optimizer = optimizer.optimizer
    return optimizer
