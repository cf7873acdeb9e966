"""A synthetic set with a knob for imbalance. Letters: N examples, C classes, A amplitude, S shifts."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor

from rhoscope.settings import Settings, setting
from trainer.dataset import Dataset, Held, Modality, Split

CLASSES = 8
SIDE = 8
FAST = "fast"


class SyntheticSettings(Settings):
    """Settings of the synthetic data set."""

    modalities: Literal[2, 3] = setting(2, "fast and slow, or fast and two slow ones.")
    train_size: int = setting(1200, "Number of training examples.", ge=16, le=1_000_000)
    shortcut: float = setting(
        2.0,
        "Strength of a hint in the fast modality that only training examples carry; 0: none. The larger, the "
        "more the fast modality dominates and the less it generalizes.",
        ge=0,
        le=20,
    )
    snr_fast: float = setting(
        3.0, "Fast modality: signal norm relative to the noise's standard deviation.", ge=0, le=100
    )
    snr_slow: float = setting(
        5.0, "Slow modalities: signal norm relative to the noise's standard deviation.", ge=0, le=100
    )
    data_seed: int = setting(
        0, "Seeds templates and examples; independent of the run's seed.", ge=0, le=2**31 - 1
    )


class Synthetic(Dataset):
    """Noisy templates whose best possible accuracy is known, with a knob for imbalance.

    `fast` shows a fixed template per class and, in training only, a shortcut; `slow` ones show a template at
    a random place, which takes longer to learn.
    """

    title: ClassVar[str] = "Synthetic"
    Settings = SyntheticSettings
    modalities: Mapping[str, Modality] = {
        m: Modality((1, SIDE, SIDE), "mlp") for m in (FAST, "slow", "slow2")
    }
    classes = tuple(str(c) for c in range(CLASSES))
    train_size: ClassVar[int | str] = "train_size"
    tested: ClassVar[Mapping[str, int]] = {"validation": 1000, "test": 2000}
    """Examples of the splits that nothing is learned from."""
    settings: SyntheticSettings

    def __init__(self, settings: SyntheticSettings) -> None:
        super().__init__(settings)
        self.modalities = dict(list(type(self).modalities.items())[: settings.modalities])
        self._generator = torch.Generator().manual_seed(settings.data_seed)
        drawn = torch.randn(len(self.modalities) + 1, CLASSES, SIDE, SIDE, generator=self._generator)
        *templates, self._hints = drawn / drawn.flatten(2).norm(dim=2)[..., None, None]
        self.templates: dict[str, Tensor] = dict(zip(self.modalities, templates, strict=True))  # length 1
        self._start = self._generator.get_state()

    def load(self) -> dict[str, Split]:
        self._generator.set_state(self._start)
        sizes = {"train": self.settings.train_size, **self.tested}
        return {name: self._draw(size, hinted=name == "train") for name, size in sizes.items()}

    def amplitude(self, modality: str) -> float:
        """A: the signal's length, the noise having deviation 1 in every pixel."""
        return self.settings.snr_fast if modality == FAST else self.settings.snr_slow

    def log_likelihoods(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Exact log-likelihood [N, C] of each class by modality, but for a constant; no shortcut assumed.

        Classes are equally frequent and noise is independent, so that the sum over modalities has its largest
        entry at the best possible guess.
        """
        likelihoods = {}
        for m, x in inputs.items():
            views = self.templates[m][None] if m == FAST else shifts(self.templates[m])  # [S, C, SIDE, SIDE]
            match = torch.einsum("nhw,schw->nsc", x[:, 0], views) * self.amplitude(m)
            likelihoods[m] = match.logsumexp(1)
        return likelihoods

    def _draw(self, size: int, *, hinted: bool) -> Split:
        target = torch.randint(CLASSES, (size,), generator=self._generator)
        inputs = {}
        for m in self.modalities:
            signal = self._signal(m, target) * self.amplitude(m)
            if hinted and m == FAST:
                signal = signal + self.settings.shortcut * self._hints[target]
            noise = torch.randn(signal.shape, generator=self._generator)
            inputs[m] = (signal + noise)[:, None]
        return Held(inputs, target)

    def _signal(self, modality: str, target: Tensor) -> Tensor:
        """Templates [N, SIDE, SIDE], each somewhere else for a slow modality."""
        if modality == FAST:
            return self.templates[modality].index_select(0, target)
        place = torch.randint(SIDE, (len(target),), generator=self._generator)
        moved: Tensor = shifts(self.templates[modality])[place, target]
        return moved


def shifts(templates: Tensor) -> Tensor:
    """Every circular shift to the right of templates [C, SIDE, SIDE]: [SIDE, C, SIDE, SIDE]."""
    shifted: Tensor = torch.stack([templates.roll(place, 2) for place in range(SIDE)])
    return shifted
