"""Joint training."""

from typing import ClassVar

from trainer.strategy import Strategy


class Joint(Strategy):
    """Plain joint training: one loss on the fused logits, nothing modulated.

    The baseline of every comparison. ρ is measured as well, to show the imbalance.
    """

    title: ClassVar[str] = "Joint (baseline)"
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/GeWu-Lab/OGM-GE_CVPR2022, commit 343dc1d) without "
        "modulation, checked by tests/golden/ogm_trajectory.py, whose steps are these but for k."
    )
    replicated: ClassVar[bool] = True
    masked: ClassVar[bool] = True
