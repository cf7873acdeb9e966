"""Lightning: one callback that watches and modulates the balance between encoders, and reports the run.

It acts after gradients are unscaled and before they are clipped, also when they are accumulated.
Rows of a resumed training replace those of the first one.
"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from rhoscope.optional_libraries import library
from rhoscope.torch.bridge import Bridge, Target, Wishes
from rhoscope.torch.guest import bare

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from rhoscope.torch.capture import Encoder

_NAME = "pytorch_lightning" if "lightning" not in sys.modules else "lightning.pytorch"
Callback: Any = library(_NAME if _NAME in sys.modules else "lightning.pytorch", "lightning").Callback


class Balance(Callback):  # type: ignore[misc]  # the class is known only once Lightning is there
    """Give it to a Trainer: `Trainer(callbacks=[rhoscope.lightning.Balance({"audio": "audio", ...})])`."""

    state_key = "rhoscope"

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
        """`encoders` and `head`: modules, or their names in the LightningModule.

        `target`: where a batch has it; by default its last part, or its `target`, `labels`, or `y`.
        """
        self._bridge = Bridge(encoders, head, wishes, strategy=strategy, alpha=alpha)
        self._target = target
        self._batch: Any = None
        self._logged = 0
        self._scaled = False

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Optimizers are there, and what a checkpoint holds."""
        scaler = getattr(trainer.precision_plugin, "scaler", None)
        given: dict[str, Any] = {"order": "before-clip"} | ({"scaler": scaler} if scaler else {})
        config = dict(getattr(pl_module, "hparams", {}))
        self._bridge.begin(pl_module, trainer.optimizers, config, first=trainer.is_global_zero, **given)
        self._logged = self._bridge.number
        self._scaled = scaler is not None and getattr(
            self._bridge.optimizer, "_step_supports_amp_scaling", False
        )

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002
        """A batch, on its device."""
        self._batch = batch

    def on_before_backward(self, trainer: Any, pl_module: Any, loss: "Tensor") -> None:  # noqa: ARG002
        """The forward pass is done; of several backward passes of a batch the first one counts."""
        if self._batch is not None:
            self._bridge.observe(self._batch, self._target)
            self._batch = None

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: "Optimizer") -> None:  # noqa: ARG002
        """Gradients are whole and unscaled; where the optimizer unscales them itself, its hooks see to it."""
        if self._bridge.balance and bare(optimizer) is self._bridge.optimizer and not self._scaled:
            self._bridge.balance.step()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, *_batch: Any) -> None:  # noqa: ARG002
        """Log the loss of each step; stop, if that was ordered."""
        if self._bridge.number > self._logged and isinstance(outputs, Mapping) and "loss" in outputs:
            self._logged = self._bridge.number
            loss = outputs["loss"] * trainer.accumulate_grad_batches
            self._bridge.log({"loss": loss}, self._logged - 1)
        if self._bridge.should_stop:
            trainer.should_stop = True

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Log what the module has logged."""
        if self._bridge.run and not trainer.sanity_checking:
            self._bridge.log(trainer.callback_metrics)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:  # noqa: ARG002
        """Training ends here."""
        interrupted = isinstance(exception, KeyboardInterrupt)
        reason = "Interrupted." if interrupted else f"{type(exception).__name__}: {exception}"[:500]
        self._bridge.end("stopped" if interrupted else "failed", reason)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Training is complete."""
        self._bridge.end()

    def state_dict(self) -> dict[str, Any]:
        """The run, and what its balance goes on with."""
        return self._bridge.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Resume: the next training is a second attempt of the same run."""
        self._bridge.load_state_dict(state_dict)
