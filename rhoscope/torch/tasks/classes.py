"""One of several classes. Letters: N samples, C classes, M modalities."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.torch.balance import outcomes
from rhoscope.torch.batch import Batch
from rhoscope.torch.task import Scored, declared


class Classes(Scored):
    """Scored as our own training scores: equation 8 of Peng et al., CVPR 2022, to the bit."""

    name = "classes"
    rank = 20

    def fits(self, batch: Batch) -> bool:
        target = batch.target
        return target is not None and not target.is_floating_point() and target.ndim == 1

    def samples(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        if logits.ndim != 3 or logits.shape[1] != len(target):
            found = tuple(logits.shape[1:])
            raise ValueError(f"predictions should have shape [{len(target)}, classes]. Found {found}.")
        earned = outcomes(logits, target, target.clamp_min(0))  # a GPU gives up at a class that there is not
        return earned[0], earned

    def loss(self, answer: Tensor, target: Tensor) -> Tensor:
        return cross_entropy(answer, target)

    def series(self, way: str) -> list[Series]:
        text = f"Mean probability that the modality alone gives the right class. {way}"
        return [*super().series(way), declared("score.{m}", "Score s", "1/N Σᵢ softmax(z_u,ᵢ)[yᵢ]", text)]


TASK = Classes()
