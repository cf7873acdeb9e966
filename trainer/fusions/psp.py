"""Positive sample propagation. Letters: N examples, S segments, D features, C classes, M modalities."""

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, mse_loss, normalize
from typing_extensions import override

from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.encoder import Encoder
from trainer.fusion import AbsentSettings, Features, Inseparable

SURVIVING = Series(
    name="psp_pairs",
    title="Pairs that survive τ",
    unit="1",
    formula="share of entries above τ of B and its transpose, each row by its sum, in the fused pass",
    help="Share of pairs of segments, one of each modality, alike enough to be propagated. Near 1 everything "
    "passes, near 0 nothing does.",
)
NEAR_ZERO = 1e-8
"""Added to sums before anything is divided by them."""


class PSPSettings(AbsentSettings):
    """Settings of PSP."""

    psp_tau: float = setting(
        0.099, "Normalized similarity above which a pair is propagated.", live=True, ge=0, lt=1
    )
    psp_pair_weight: float = setting(100.0, "Weight of the pair-similarity loss.", live=True, ge=0, le=1e6)
    psp_dropout: float = setting(
        0.1, "Share of the propagated features and their keys that is dropped.", live=True, ge=0, lt=1
    )
    psp_head_width: int = setting(64, "Width of the head's hidden layer.", ge=1, le=65_536)


class Pairs(NamedTuple):
    """Weights of one direction, [N, S, S]: rows are the segments that take, columns those that give."""

    share: Tensor  # of the row's likeness
    kept: Tensor  # bool, above τ
    weights: Tensor  # the shares kept, normalized again


class Propagation(NamedTuple):
    """Features [N, S, D] by modality with what others gave, and the pairs by (who takes, who gives)."""

    features: Features
    pairs: dict[tuple[str, str], Pairs]

    @property
    def kept(self) -> Tensor:
        """The share of pairs kept, over both directions, 0-D; 0 without any."""
        each = [pair.kept.to(promoted(pair.share)).mean() for pair in self.pairs.values()]
        return torch.stack(each).mean() if each else torch.zeros(())

    def cosine(self) -> Tensor:
        """Cosine [N, S] between two modalities' segments of the same time, its mean over pairs of them."""
        level = [normalize(x, dim=-1) for x in self.features.values()]
        return torch.stack([(a * b).sum(-1) for a, b in itertools.combinations(level, 2)]).mean(0)


class PSP(Inseparable):
    """Segments of a modality take over from others' that are alike enough; then all are averaged.

    B = ReLU(ReLU(V W_ask) ReLU(A W_show)ᵀ / √D) and, the other way, its transpose: rows normalized, entries
    up to τ removed, normalized again. What is taken are values of their own. Besides the strategy's loss it
    minimizes how poorly similarity over time locates the event; the last class is taken to be the
    background. Strategies modulate the encoders before it.
    """

    title: ClassVar[str] = "Positive sample propagation"
    paper: ClassVar[str] = (
        "Zhou et al., CVPR 2021, Positive Sample Propagation along the Audio-Visual Event Line"
    )
    fidelity: ClassVar[str] = (
        "Equal to the published code (commit ddd20f3 of jasongief/PSP_CVPR_2021), checked by "
        "tests/golden/psp.py, from behind the LSTMs on; the two layers before them are the encoders' setting "
        "bottleneck. Targets of the pair loss are made afresh for each batch, where that code reuses one "
        "array without clearing it."
    )
    own_start: ClassVar[bool] = True
    Settings = PSPSettings
    settings: PSPSettings
    series: tuple[Series, ...] = (SURVIVING,)

    def __init__(self, widths: Mapping[str, int], classes: int, settings: PSPSettings) -> None:
        super().__init__(widths, classes, settings)
        self._segments = 1
        names, width = tuple(widths), max(widths.values())
        self.brought = nn.ModuleDict(
            {m: nn.Identity() if w == width else nn.Linear(w, width) for m, w in widths.items()}
        )
        self.asks = _layers(names[1:], width)
        self.shows = _layers(names[:-1], width)
        self.gives = _layers(names if len(names) > 1 else (), width)
        self.after = _layers(names, width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.hidden = nn.Linear(width, settings.psp_head_width, bias=False)
        self.head = nn.Linear(settings.psp_head_width, classes, bias=False)
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
        self._surviving = torch.zeros(())
        self._passed: tuple[Features, Propagation] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the last pass, whose graph can't be copied."""
        return {**self.__dict__, "_passed": None}

    @override
    def attach(self, encoders: Mapping[str, Encoder]) -> None:
        self._segments = next(iter(encoders.values())).segments

    @override
    def fuse(self, features: Features) -> Tensor:
        passed = self.propagate(features)
        if self.training:
            self._surviving, self._passed = passed.kept, (features, passed)
        return self.classify(passed)

    @override
    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits [N·S, C] of each modality alone; what the fused pass left stays."""
        gone = {m: self.absent(f) for m, f in features.items()}
        alone = {m: self.propagate({**gone, m: features[m]}) for m in self.widths}
        return {m: self.classify(passed) for m, passed in alone.items()}

    def classify(self, passed: Propagation) -> Tensor:
        """Logits [N·S, C] of the mean over modalities."""
        logits: Tensor = self.head(torch.relu(self.hidden(self.mean(passed))))
        return logits.flatten(0, 1)

    def mean(self, passed: Propagation) -> Tensor:
        """The mean of the modalities' propagated features [N, S, D]."""
        return torch.stack(list(passed.features.values())).mean(0)

    def propagate(self, features: Features) -> Propagation:
        """Each modality's features with what the others' positive segments add."""
        brought = {m: self.brought[m](features[m]) for m in self.widths}
        apart = {m: x.reshape(-1, self._segments, x.shape[-1]) for m, x in brought.items()}
        query, key, value = (
            {m: self._dropped(torch.relu(layer(apart[m]))) for m, layer in layers.items()}
            for layers in (self.asks, self.shows, self.gives)
        )
        pairs: dict[tuple[str, str], Pairs] = {}
        for first, second in itertools.combinations(self.widths, 2):
            alike = torch.relu(query[second] @ key[first].mT / key[first].shape[-1] ** 0.5)
            pairs[second, first] = self.pairs(alike)
            pairs[first, second] = self.pairs(alike.mT)
        taken = dict(apart)
        for (taker, giver), pair in pairs.items():
            taken[taker] = taken[taker] + pair.weights @ value[giver]
        changed = {m: self._dropped(torch.relu(self.after[m](x))) for m, x in taken.items()}
        return Propagation({m: self.norm(x) for m, x in changed.items()}, pairs)

    def pairs(self, alike: Tensor) -> Pairs:
        """Shares and weights of likenesses [N, S, S] between segments that take, in rows, and that give."""
        share = _by_row(alike)
        kept = share > self.settings.psp_tau
        return Pairs(share, kept, _by_row(share * kept))

    def pair_loss(self, passed: Propagation, target: Tensor) -> Tensor:
        """Mean squared difference between shares of likeness over time and of the event, 0-D, unweighed."""
        share = _by_row(torch.relu(passed.cosine()))
        return mse_loss(share, event_share(target.reshape(share.shape), share.dtype))

    @override
    def own_loss(self, features: Features, target: Tensor) -> Tensor | None:
        passed, self._passed = self._passed, None
        if len(self.widths) < 2 or self._segments == 1 or not self.settings.psp_pair_weight:
            return None
        same = passed is not None and all(passed[0][m] is features[m] for m in self.widths)
        propagated = passed[1] if passed is not None and same else self.propagate(features)
        return self.settings.psp_pair_weight * self.pair_loss(propagated, target)

    @override
    def values(self) -> dict[str, Tensor]:
        return {"psp_pairs": self._surviving}

    def _dropped(self, x: Tensor) -> Tensor:
        return dropout(x, self.settings.psp_dropout, self.training)


def event_share(target: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """The share [N, S] of each segment in its clip's event: even over those of its lowest class.

    The last class is the background, so that a clip without an event counts all of its segments.

    >>> event_share(torch.tensor([[3, 1, 1, 3], [3, 3, 3, 3]])).tolist()
    [[0.0, 0.5, 0.5, 0.0], [0.25, 0.25, 0.25, 0.25]]
    """
    there = (target == target.amin(1, keepdim=True)).to(dtype)
    return there / there.sum(1, keepdim=True)


def promoted(x: Tensor) -> torch.dtype:
    """The type of x, or single precision where that is more."""
    return torch.promote_types(x.dtype, torch.float32)


def _layers(names: tuple[str, ...], width: int) -> nn.ModuleDict:
    return nn.ModuleDict({m: nn.Linear(width, width, bias=False) for m in names})


def _by_row(x: Tensor) -> Tensor:
    return x / (x.sum(-1, keepdim=True) + NEAR_ZERO)
