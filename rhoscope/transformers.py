"""Transformers' Trainer: one callback that watches and modulates the balance between encoders.

The Trainer clips before any callback or optimizer hears of it, so k comes after clipping: the run's facts say
so. It hands over neither labels nor logits; a forward hook on the model takes them.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from rhoscope.optional_libraries import library
from rhoscope.torch.bridge import Bridge, Target, Wishes, training

if TYPE_CHECKING:
    from torch import nn

    from rhoscope.torch.capture import Encoder

TrainerCallback: Any = library("transformers", "transformers").TrainerCallback
FILE = "rhoscope.pt"
"""Beside the Trainer's own files in a checkpoint: the run, and what its balance goes on with."""


class Balance(TrainerCallback):  # type: ignore[misc]  # the class is known only once Transformers is there
    """Give it to a Trainer: `Trainer(callbacks=[rhoscope.transformers.Balance({"image": "vision"})])`."""

    def __init__(
        self,
        encoders: "Mapping[str, Encoder]",
        *,
        head: "nn.Module | str | None" = None,
        target: Target | None = None,
        strategy: str = "watch",
        alpha: float = 1.5,
        **wishes: Unpack[Wishes],
    ) -> None:
        """`encoders` and `head`: modules, or their names in the model.

        `target`: where the model's inputs have it; by default the Trainer's own label names.
        """
        self._bridge = Bridge(encoders, head, wishes, strategy=strategy, alpha=alpha)
        self._target = target
        self._hook: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **parts: Any) -> None:  # noqa: ARG002
        """Model and optimizer are there, and a checkpoint's weights."""
        if state.global_step:
            self._bridge.load(_checkpoint(args, state) / FILE)
        optimizer = parts["optimizer"]
        scaler = getattr(optimizer, "scaler", None)
        given = {"scaler": scaler} if scaler else {}
        clipped = args.max_grad_norm and args.max_grad_norm > 0
        first = state.is_world_process_zero
        order = "after-clip" if clipped else "before-clip"
        self._bridge.begin(parts["model"], [optimizer], _chosen(args), first=first, order=order, **given)
        if self._hook is not None:
            self._hook.remove()
        names = args.label_names or []
        self._target = names[0] if self._target is None and names else self._target
        self._hook = parts["model"].register_forward_hook(self._observe, with_kwargs=True)

    def _observe(self, module: Any, given: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        """A forward pass of the whole model."""
        if training(module):
            batch = named or (given[0] if given and isinstance(given[0], Mapping) else given)
            logits = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
            self._bridge.observe(batch, self._target, logits)

    def on_log(self, args: Any, state: Any, control: Any, **parts: Any) -> None:  # noqa: ARG002
        """Log what the Trainer logs."""
        self._bridge.log(parts.get("logs") or {})

    def on_step_end(self, args: Any, state: Any, control: Any, **parts: Any) -> None:  # noqa: ARG002
        """Stop, if that was ordered."""
        if self._bridge.should_stop:
            control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **parts: Any) -> None:  # noqa: ARG002
        """Save beside a checkpoint what a resumed training goes on with."""
        folder = _checkpoint(args, state)
        if state.is_world_process_zero and folder.is_dir():
            self._bridge.save(folder / FILE)

    def on_train_end(self, args: Any, state: Any, control: Any, **parts: Any) -> None:  # noqa: ARG002
        """Training is complete."""
        if self._hook is not None:
            self._hook.remove()
        self._bridge.end()


def _checkpoint(args: Any, state: Any) -> Path:
    return Path(args.output_dir) / f"checkpoint-{state.global_step}"


def _chosen(args: Any) -> dict[str, Any]:
    """Arguments that differ from their defaults, for the run's settings; no tokens."""
    given = args.to_dict()
    return {
        field.name: given[field.name]
        for field in fields(args)
        if field.name in given and given[field.name] != field.default and "token" not in field.name
    }
