"""The part that callbacks of other libraries share: a run, a balance in it, the state of a resumption."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.torch.capture import Encoder, resolve
from rhoscope.torch.guest import Balance, Options, bare
from rhoscope.tracker.link import Warnings
from rhoscope.tracker.run import Run, State
from rhoscope.tracker.start import init, present_run

Target = str | int | Callable[[Any], Tensor]
"""Where a batch has its target: a key, a place, or a function of the batch."""
TARGETS = ("target", "targets", "labels", "label", "y")


class Wishes(Options, total=False):
    """Further options of a callback: those of `rhoscope.Balance`, and of the run that it begins.

    `present` gives, for a batch, bool [N] by modality: which samples have it. Where the program has called
    `rhoscope.init`, that run is used, and `project`, `config`, and `mirror` are not.
    """

    project: str
    config: Mapping[str, Any]
    mirror: str | Sequence[str]
    present: Callable[[Any], Mapping[str, Tensor]]


class Bridge:
    """Begins when training begins, and ends with it; may begin again."""

    def __init__(
        self, encoders: Mapping[str, Encoder], head: nn.Module | str | None, wishes: Wishes, **given: Any
    ) -> None:
        """`given` are options of `rhoscope.Balance` that each callback names itself."""
        self._encoders: dict[str, Any] = {
            m: one if isinstance(one, str | nn.Module) else tuple(one) for m, one in encoders.items()
        }
        self._head = head
        self._project, self._config = wishes.pop("project", ""), wishes.pop("config", None)
        self._mirror, self._present = wishes.pop("mirror", ()), wishes.pop("present", None)
        self._options: dict[str, Any] = {**wishes, **given}
        self._warn = Warnings()
        self._state: Mapping[str, Any] = {}
        self._last: Mapping[str, Any] = {}
        self._own = False
        self.balance: Balance | None = None
        self.run: Run | None = None
        self.optimizer: Any = None

    def begin(
        self,
        model: nn.Module,
        optimizers: Sequence[Any],
        config: Mapping[str, Any],
        *,
        first: bool,
        **options: Any,
    ) -> None:
        """Training begins: in the first process, or in another, which reports nothing.

        Of several optimizers the one counts that steps an encoder.

        Raises:
            InvalidInput: for what fits no balance; nothing that comes later raises.
        """
        if self.balance:  # a training before this one broke off without a word
            self.end("failed", "Another training began.")
        run = self._options.get("run") or present_run()
        self._own = run is None
        self.run = run or init(
            self._project,
            {**config, **(self._config or {})},
            id=str(self._state.get("run", "")),
            mode="online" if first else "disabled",
            mirror=self._mirror,
        )
        head: Any = resolve("head", self._head, model) if isinstance(self._head, str) else self._head
        given = {"model": model, **self._options, **options, "run": self.run}
        self.optimizer = self._own_optimizer(model, [bare(one) for one in optimizers])
        self.balance = Balance(self._encoders, head=head, optimizer=self.optimizer, **given)
        if self._state:
            self.balance.load_state_dict(self._state["balance"])
        self._state = {}

    def _own_optimizer(self, model: nn.Module, optimizers: Sequence[Any]) -> Any:
        each = [resolve(m, encoder, model) for m, encoder in self._encoders.items()]
        own = {id(p) for one in each for p in (one.parameters() if isinstance(one, nn.Module) else one)}
        held = [o for o in optimizers if any(id(p) in own for g in o.param_groups for p in g["params"])]
        return next(iter([*held, *optimizers]), None)

    def observe(self, batch: Any, target: Target | None, logits: Tensor | None = None) -> None:
        """A micro-batch has gone forward. A function of the program's own that fails on it is a warning."""
        try:
            truth = target_of(batch, target)
            present = self._present(batch) if self._present else None
        except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
            self._warn(f"target= or present= fails on a batch ({error}), so it has no scores", "batch")
            return
        if truth is None:
            names = ", ".join(TARGETS)
            self._warn(f"the target of a batch is not known; give target= (looked for {names}), so no scores")
        elif self.balance:
            self.balance.observe(truth, logits=logits, present=present)

    @property
    def number(self) -> int:
        """Optimizer steps so far."""
        return self.balance.number if self.balance else 0

    @property
    def should_stop(self) -> bool:
        """Whether somebody ordered the run to stop."""
        return self.run is not None and self.run.should_stop

    def log(self, values: Mapping[str, Any], step: int | None = None) -> None:
        """Record what the other library has measured, at the present step."""
        numbers = {n: v for n, v in values.items() if isinstance(v, int | float) or _scalar(v)}
        if self.run and numbers:
            self.run.log(numbers, step=max(0, self.run.step) if step is None else step)

    def end(self, state: State = "completed", reason: str = "") -> None:
        """Training has ended. Harmless to repeat."""
        self._last = self.state_dict()  # a checkpoint may still be written
        if self.balance:
            self.balance.close()
        if self.run and self._own:
            stopped = state == "completed" and self.run.should_stop
            self.run.finish("stopped" if stopped else state, reason)
        self.balance, self.run = None, None

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint: numbers, texts, and tensors only."""
        if self.balance is None or self.run is None:
            return dict(self._state or self._last)
        return {"run": self.run.id, "balance": self.balance.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """From a checkpoint, before training begins."""
        self._state = state

    def save(self, path: Path) -> None:
        """Write the state into a file of a checkpoint."""
        try:
            torch.save(self.state_dict(), path)
        except (OSError, RuntimeError) as error:
            self._warn(f"{path} can't be written ({error}), so a resumed training will be another run")

    def load(self, path: Path) -> None:
        """Read the state of a checkpoint, where there is one."""
        try:
            state = torch.load(path, weights_only=True)
            self._state = {"run": str(state["run"]), "balance": dict(state["balance"])}
        except FileNotFoundError:
            return
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, LookupError, TypeError) as error:
            self._warn(f"{path} does not read back ({error}), so this training is another run")


def target_of(batch: Any, target: Target | None) -> Tensor | None:
    """A batch's target: where it was said to be, or else where it mostly is; None where it is not.

    >>> target_of({"x": 1, "label": torch.tensor([2])}, None)
    tensor([2])
    """
    if callable(target):
        return target(batch)
    if target is None and isinstance(batch, Mapping):
        target = next((name for name in TARGETS if name in batch), None)
    if target is None and isinstance(batch, tuple | list) and len(batch) > 1:
        target = -1
    labels = None if target is None else _item(batch, target)
    return labels if isinstance(labels, Tensor) else None


def _item(batch: Any, place: str | int) -> Any:
    try:
        return batch[place]
    except (KeyError, IndexError, TypeError):
        return None


def training(module: nn.Module) -> bool:
    """Whether a forward pass now is one that is learned from."""
    return module.training and torch.is_grad_enabled()


def _scalar(value: Any) -> bool:
    return isinstance(value, Tensor) and value.numel() == 1
