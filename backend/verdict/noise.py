"""The added noise of each encoder relative to what is left of its gradient."""

import numpy as np

from backend.curves.digest import Digest
from backend.verdict.history import History, Mask, aligned

MOST = 1e4
"""Greatest ratio: where k is 0, noise is all that is left."""


def ratios(history: History) -> dict[str, tuple[Digest, "np.typing.NDArray[np.float64]", Mask]]:
    """By modality: the noise's curve, ‖h‖ / ‖k g‖ at its pieces [p], and which pieces have noise."""
    ratios_ = {}
    for modality, noise in history.each("noise").items():
        gradient, k = history.of(f"grad_norm.{modality}"), history.of(f"k.{modality}")
        if gradient is None or not len(noise):
            continue
        size, g = aligned(noise, gradient)
        share = aligned(noise, k)[1] if k is not None else np.ones(len(g))
        count = min(len(size), len(g), len(share))
        noisy = size[-count:] > 0
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = np.minimum(size[-count:] / (share[-count:] * g[-count:]), MOST)
        noisy &= np.isfinite(ratio)
        if noisy.any():
            ratios_[modality] = (noise.part(len(noise) - count, len(noise)), ratio, noisy)
    return ratios_
