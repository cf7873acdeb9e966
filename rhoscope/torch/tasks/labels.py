"""Several labels per sample. Letters: N samples, C labels, M modalities."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.tally import precise_on
from rhoscope.torch.task import Scored, declared


class Labels(Scored):
    """Positives and negatives count half each: a plain mean drowns in easy negatives."""

    name = "labels"
    rank = 30

    def fits(self, batch: Batch) -> bool:
        target = batch.target
        if target is None or target.ndim != 2:
            return False
        return target.device.type != "meta" and bool(torch.logical_or(target == 0, target == 1).all())

    def outputs(self, target: Tensor) -> int | None:
        return target[0].numel()

    def samples(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        if logits.shape[1:] != target.shape:
            expected, shape = tuple(logits.shape[1:]), tuple(target.shape)
            raise ValueError(f"labels should have the predictions' shape {expected}. Found {shape}.")
        logits = logits.to(precise_on(target.device))
        truth = target.to(logits.dtype)
        positive, negative = truth.sum(-1), (1 - truth).sum(-1)
        chance = logits.sigmoid()
        shares = [
            (chance * truth).sum(-1) / positive.clamp_min(1),
            ((1 - chance) * (1 - truth)).sum(-1) / negative.clamp_min(1),
        ]
        halves = (positive > 0).to(logits.dtype) + (negative > 0).to(logits.dtype)
        score = (shares[0] + shares[1]) / halves
        loss = binary_cross_entropy_with_logits(logits, truth.expand_as(logits), reduction="none").mean(-1)
        hit = ((logits > 0) == (truth > 0.5)).to(logits.dtype).mean(-1)
        return score.log(), torch.stack([-loss, hit])

    def loss(self, answer: Tensor, target: Tensor) -> Tensor:
        return binary_cross_entropy_with_logits(answer, target.reshape(answer.shape).to(answer.dtype))

    def series(self, way: str) -> list[Series]:
        formula = "½ mean σ(z_u) over positives + ½ mean (1 − σ(z_u)) over negatives"
        text = "Positives and negatives count half each, so that many easy negatives do not hide the others."
        return [*super().series(way), declared("score.{m}", "Score s", formula, f"{text} {way}")]


TASK = Labels()
