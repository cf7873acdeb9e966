"""Positive sample propagation. Letters: N examples, S segments, D features, C classes."""

import itertools
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, mse_loss
from typing_extensions import override

from rhoscope.series import Series
from rhoscope.settings import setting
from trainer.encoder import Encoder
from trainer.fusion import AbsentSettings, Features, Inseparable

SURVIVING = Series(
    name="psp_pairs",
    title="Pairs that survive τ",
    unit="1",
    formula="share of entries of B above τ, over all pairs of modalities",
    help="Share of pairs of segments, one of each modality, alike enough to be propagated. Near 1 everything "
    "passes, near 0 nothing does.",
)


class PSPSettings(AbsentSettings):
    """Settings of PSP."""

    psp_tau: float = setting(
        0.099, "Normalized similarity above which a pair is propagated.", live=True, ge=0, lt=1
    )
    psp_pair_weight: float = setting(100.0, "Weight of the pair-similarity loss.", live=True, ge=0, le=1e6)


class PSP(Inseparable):
    """Segments of a modality take over from others' that are alike enough; then all are averaged.

    B = ReLU((V W₂)(A W₁)ᵀ / √D), its rows normalized, entries up to τ removed, normalized again. Besides the
    strategy's loss it minimizes how poorly similarity over time locates the event; the last class is
    taken to be the background. Strategies modulate the encoders before it.
    """

    title: ClassVar[str] = "Positive sample propagation"
    paper: ClassVar[str] = (
        "Zhou et al., CVPR 2021, Positive Sample Propagation along the Audio-Visual Event Line"
    )
    Settings = PSPSettings
    settings: PSPSettings
    series: tuple[Series, ...] = (SURVIVING,)

    def __init__(self, widths: Mapping[str, int], classes: int, settings: PSPSettings) -> None:
        super().__init__(widths, classes, settings)
        self._segments = 1
        width = max(widths.values())
        self.brought = nn.ModuleDict(
            {m: nn.Identity() if w == width else nn.Linear(w, width) for m, w in widths.items()}
        )
        self.asks, self.shows, self.after = (
            nn.ModuleDict({m: nn.Linear(width, width) for m in widths}) for _ in range(3)
        )
        self.norms = nn.ModuleDict({m: nn.LayerNorm(width) for m in widths})
        self.head = nn.Linear(width, classes)
        self._surviving = torch.zeros(())

    @override
    def attach(self, encoders: Mapping[str, Encoder]) -> None:
        self._segments = next(iter(encoders.values())).segments

    @override
    def fuse(self, features: Features) -> Tensor:
        propagated = self.propagate(features)
        logits: Tensor = self.head(torch.stack(list(propagated.values())).mean(0)).flatten(0, 1)
        return logits

    def propagate(self, features: Features) -> dict[str, Tensor]:
        """Features [N, S, D] of each modality, with what the others' positive segments add."""
        brought = {m: self.brought[m](features[m]) for m in self.widths}
        apart = {m: x.reshape(-1, self._segments, x.shape[-1]) for m, x in brought.items()}
        shown = {m: torch.relu(self.shows[m](x)) for m, x in apart.items()}
        propagated, surviving = {}, []
        for m, x in apart.items():
            query = torch.relu(self.asks[m](x))
            taken = x
            for other in (o for o in self.widths if o != m):
                pairs = self.pairs(query, shown[other])
                surviving.append((pairs.detach() > 0).float().mean())
                taken = taken + pairs @ shown[other]
            propagated[m] = self.norms[m](torch.relu(self.after[m](taken)))
        self._surviving = torch.stack(surviving).mean() if surviving else x.new_zeros(())
        return propagated

    def pairs(self, query: Tensor, key: Tensor) -> Tensor:
        """Weights [N, S, S] with which each segment takes from the other modality's."""
        likeness = torch.relu(query @ key.mT / query.shape[-1] ** 0.5)
        share = likeness / likeness.sum(-1, keepdim=True).clamp_min(1e-8)
        positive = share * (share > self.settings.psp_tau)
        return positive / positive.sum(-1, keepdim=True).clamp_min(1e-8)

    @override
    def own_loss(self, features: Features, target: Tensor) -> Tensor | None:
        if len(self.widths) < 2 or self._segments == 1 or not self.settings.psp_pair_weight:
            return None
        two = itertools.combinations(self.propagate(features).values(), 2)
        alike = torch.relu(torch.stack([cosine_similarity(a, b, dim=-1) for a, b in two]).mean(0))  # [N, S]
        event = (target != self.classes - 1).to(alike.dtype).reshape(alike.shape)
        similarity = alike / alike.sum(1, keepdim=True).clamp_min(1e-8)
        relevance = event / event.sum(1, keepdim=True).clamp_min(1e-8)
        return self.settings.psp_pair_weight * mse_loss(similarity, relevance)

    @override
    def values(self) -> dict[str, Tensor]:
        return {"psp_pairs": self._surviving}
