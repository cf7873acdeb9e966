"""Joint training."""

from typing import ClassVar

from trainer.strategy import Strategy


class Joint(Strategy):
    """Plain joint training: one loss on the fused logits, nothing modulated.

    The baseline of every comparison. ρ is measured as well, to show the imbalance.
    """

    title: ClassVar[str] = "Joint (baseline)"
    replicated: ClassVar[bool] = True
    masked: ClassVar[bool] = True
