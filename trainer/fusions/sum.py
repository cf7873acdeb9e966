"""Summation."""

from typing import ClassVar

from trainer.fusion import Summed


class Sum(Summed):
    """A linear layer per modality, and their logits summed.

    A modality's own logits are its layer's, with the whole of its bias in training and in testing; the
    official code halves it when testing.
    """

    title: ClassVar[str] = "Summation"
