"""Numbers as targets. Letters: N samples, D outputs, M modalities."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.tally import Tally, precise_on
from rhoscope.torch.task import Scored, declared, predictions

OURS = (
    "Squared correlation of the modality's own prediction with the target: an extension of ours, since the "
    "paper is about classes."
)


class Regression(Scored):
    """Squared correlation over the batch, from six sums that merge: n, Σz, Σy, Σz², Σy², Σzy."""

    name = "regression"
    rank = 90
    accurate = False

    def fits(self, batch: Batch) -> bool:
        return batch.target is not None

    def outputs(self, target: Tensor) -> int | None:
        return target[0].numel()

    def loss(self, answer: Tensor, target: Tensor) -> Tensor:
        return mse_loss(answer, target.reshape(answer.shape).to(answer.dtype))

    def samples(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        error = (logits.flatten(2) - target.reshape(len(target), -1)).square().mean(-1)
        nothing = torch.zeros_like(error)
        return nothing, torch.stack([-error, nothing])

    @torch.no_grad()
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:
        target = batch.truth()
        kind = precise_on(target.device)
        z = predictions(batch).to(kind).flatten(2)  # [M, N, D]
        y = target.detach().reshape(len(target), -1).to(kind)
        if y.shape != z.shape[1:]:
            expected, shape = tuple(y.shape), tuple(z.shape[1:])
            raise ValueError(f"predictions should have the target's shape {expected}. Found {shape}.")
        there = batch.there(modalities, z[..., 0])
        weight = torch.ones_like(z[..., 0]) if there is None else there.to(kind)
        if batch.weight is not None:
            weight = weight * batch.weight.to(weight)
        y = y.expand_as(z)
        usable = weight[..., None].expand_as(z) > 0
        sums = [
            (values.where(usable, 0.0) * weight[..., None]).sum((1, 2))
            for values in (torch.ones_like(z), z, y, z * z, y * y, z * y)
        ]
        scored = super().tally(modalities, replace(batch, target=y[0], alone=z))
        return Tally(scored.logs, {**scored.sums, "moments": torch.stack(sums)}, scored.masked)

    def pairs(self, tally: Tally) -> Tensor:
        logs = self.log_scores(tally)
        return logs[:, None].expand(-1, len(logs))

    def log_scores(self, tally: Tally) -> Tensor:
        return self.scores(tally).log()

    def scores(self, tally: Tally) -> Tensor:
        n, z, y, zz, yy, zy = tally.sums["moments"].unbind()
        spread = (n * zz - z * z) * (n * yy - y * y)
        tiny = torch.finfo(spread.dtype).tiny
        return ((n * zy - z * y).square() / spread.clamp_min(tiny)).clamp(0, 1)

    def series(self, way: str) -> list[Series]:
        return [*super().series(way), declared("score.{m}", "Score s", "corr(z_u, y)²", f"{OURS} {way}")]


TASK = Regression()
