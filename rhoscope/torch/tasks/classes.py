"""One of several classes. Letters: N samples, C classes, M modalities."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.likelihood import summed
from rhoscope.torch.outcomes import outcomes
from rhoscope.torch.tally import Tally, constant
from rhoscope.torch.task import Scored, declared, predictions


class Classes(Scored):
    """Scored as our own training scores: equation 8 of Peng et al., CVPR 2022, to the bit."""

    name = "classes"
    rank = 20

    def fits(self, batch: Batch) -> bool:
        target = batch.target
        return target is not None and not target.is_floating_point() and target.ndim == 1

    @torch.no_grad()
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:
        """Of samples that all count alike, on a device, in few kernels."""
        target = batch.truth()
        if target.is_cpu or batch.present is not None or batch.weight is not None:
            return super().tally(modalities, batch)
        logits = predictions(batch)
        _check(logits, target)
        sums = summed(logits, _usable(target))
        count = constant(len(target), len(modalities), sums, self._kept)
        return Tally(sums.new_empty(0), {"earned": sums[:2], "count": count}, scores=sums[2])

    def samples(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        _check(logits, target)
        earned = outcomes(logits, target, _usable(target))
        return earned[0], earned

    def loss(self, answer: Tensor, target: Tensor) -> Tensor:
        return cross_entropy(answer, target)

    def series(self, way: str) -> list[Series]:
        text = f"Mean probability that the modality alone gives the right class. {way}"
        return [*super().series(way), declared("score.{m}", "Score s", "1/N Σᵢ softmax(z_u,ᵢ)[yᵢ]", text)]


def _usable(target: Tensor) -> Tensor:
    """Without classes that there are not, at which a GPU gives up."""
    return target.clamp_min(0)


def _check(logits: Tensor, target: Tensor) -> None:
    if logits.ndim != 3 or logits.shape[1] != len(target):
        shape = tuple(logits.shape[1:])
        raise ValueError(f"predictions should have shape [{len(target)}, classes]. Found {shape}.")


TASK = Classes()
