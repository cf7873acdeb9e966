"""Pictures and their names, side by side in one space. Letters: N samples, D features, M modalities.

Uniformity and its factor 2: Wang and Isola, "Understanding Contrastive Representation Learning through
Alignment and Uniformity on the Hypersphere", ICML 2020. Modality gap: Liang et al., "Mind the Gap", NeurIPS
2022.
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.tally import NONE, Tally
from rhoscope.torch.task import Task, Values, by_modality, declared, discrepancy


class Contrastive(Task):
    """No tower can do the task alone, so there is no score and no ρ of its own.

    The target, int64 [N], says which samples go together, as pictures with the same name do; without one each
    sample goes with itself only. Partners are sought among the samples of a micro-batch.
    """

    name = "contrastive"
    alone = False
    speeds = True

    @torch.no_grad()
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:
        x = torch.stack(
            [normalize(f.detach().float(), dim=-1) for f in _flat(modalities, batch)]
        )  # [M, N, D]
        m, n = x.shape[:2]
        there = batch.there(modalities, x[..., 0])
        if there is None:
            there = torch.ones(m, n, dtype=torch.bool, device=x.device)
        group = torch.arange(n, device=x.device) if batch.target is None else batch.target
        alike = torch.einsum("und,vkd->uvnk", x, x)  # [M, M, N, N]
        best = alike.masked_fill(~there[None, :, None, :], -torch.inf).argmax(-1)  # [M, M, N]
        pairs = (there[:, None] & there[None]) & ~torch.eye(m, dtype=torch.bool, device=x.device)[..., None]
        right = (group[best] == group) & pairs
        own = alike.diagonal(dim1=0, dim2=1).permute(2, 0, 1)  # [M, N, N]
        others = ~torch.eye(n, dtype=torch.bool, device=x.device)
        counted = there[:, :, None] & there[:, None] & others
        logs = (4 * own - 4).masked_fill(~counted, -torch.inf).double().flatten(1).logsumexp(1)
        sums = {
            "hits": right.sum((1, 2)).double(),
            "asked": pairs.sum((1, 2)).double(),
            "pairs": counted.sum((1, 2)).double(),
            "center": (x * there[..., None]).sum(1).double(),
            "count": there.sum(1).double(),
        }
        return Tally(logs, sums, masked=True)

    def values(self, modalities: tuple[str, ...], tally: Tally) -> Values:
        sums = tally.sums
        recall = (sums["hits"] / sums["asked"]).where(sums["asked"] > 0, NONE)
        spread = (tally.logs - sums["pairs"].log()).where(sums["pairs"] > 0, -NONE)
        centers = sums["center"] / sums["count"][:, None].clamp_min(1)
        apart = torch.pdist(centers) if len(centers) > 1 else centers.new_zeros(1)
        return {
            **by_modality(modalities, {"recall": recall, "uniformity": spread}),
            "modality_gap": apart.mean().to(torch.float32),
        }

    def series(self, way: str) -> list[Series]:  # noqa: ARG002
        return [
            declared(
                "recall.{m}",
                "Recall at 1",
                "share of samples whose nearest one of another modality is theirs",
                "From this modality to the others, among the samples of a micro-batch.",
            ),
            declared(
                "uniformity.{m}",
                "Uniformity",
                "log mean over i ≠ j of exp(−2 ‖x_i − x_j‖²)",
                "Of normalized features: 0 when all are the same, lower the more evenly they are spread "
                "(Wang and Isola, 2020). A tower that stays near 0 has collapsed.",
            ),
            declared(
                "modality_gap",
                "Modality gap",
                "‖mean x_u − mean x_v‖",
                "Distance between the centers of the modalities' normalized features (Liang et al., 2022).",
            ),
            discrepancy(
                "An extension of ours: s is here the encoder's learning speed, since neither modality can do "
                "the task alone. Above 1, this encoder learns faster than the others."
            ),
        ]


def _flat(modalities: tuple[str, ...], batch: Batch) -> list[Tensor]:
    features = [batch.features[m].reshape(len(batch.features[m]), -1) for m in modalities]
    if len({f.shape for f in features}) != 1:
        shapes = ", ".join(f"{m} {tuple(f.shape)}" for m, f in zip(modalities, features, strict=True))
        raise ValueError(f"features of a contrastive task should have one shape. Found {shapes}.")
    return features


TASK = Contrastive()
