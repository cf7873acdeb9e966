"""Linear probes of a frozen encoder's features. Letters: N samples, D features."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

from rhoscope.torch.presence import presence_of
from trainer.dataset import Split
from trainer.measures.evaluate import batches
from trainer.model import Model

PULL = 1e-3
"""ℓ2 weight of the probe's regression."""
ITERATIONS = 60


def probe(model: Model, splits: dict[str, Split], tested: str, modalities: Sequence[str]) -> dict[str, float]:
    """Accuracy on split `tested` of a linear classifier fitted on the training split, for these encoders.

    Multinomial logistic regression on standardized features in double precision, fitted by L-BFGS from zero:
    the same features give the same answer. The network is left as it was.
    """
    training = model.training
    model.eval()
    train, test = _features(model, splits["train"]), _features(model, splits[tested])
    model.train(training)
    classes = model.fusion.classes
    return {
        m: _accuracy(*train[m], *test[m], classes) for m in modalities if len(train[m][1]) and len(test[m][1])
    }


@torch.no_grad()
def _features(model: Model, split: Split) -> dict[str, tuple[Tensor, Tensor]]:
    """Features [N, D] and classes [N] of those examples of a split that have each modality."""
    parts: dict[str, list[tuple[Tensor, Tensor]]] = {m: [] for m in model.modalities}
    for inputs, target in batches(split):
        features, there = model.encode(inputs), presence_of(inputs)
        for m, known in parts.items():
            rows = slice(None) if there is None else there.rows[m]
            known.append((features[m][rows], target[rows]))
    precise = torch.float32 if split.target.device.type == "mps" else torch.float64
    return {
        m: (torch.cat([f for f, _ in known]).to(precise), torch.cat([y for _, y in known]))
        for m, known in parts.items()
    }


def _accuracy(train: Tensor, target: Tensor, test: Tensor, expected: Tensor, classes: int) -> float:
    mean, spread = train.mean(0), train.std(0).clamp_min(1e-6)
    x, y = (train - mean) / spread, (test - mean) / spread
    weight = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device, requires_grad=True)
    bias = torch.zeros(classes, dtype=x.dtype, device=x.device, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def objective() -> Tensor:
        solver.zero_grad()
        loss = cross_entropy(linear(x, weight, bias), target) + PULL / 2 * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # so torch declares it
        return loss

    with torch.enable_grad():
        solver.step(objective)  # type: ignore[no-untyped-call]
    return float((linear(y, weight, bias).argmax(-1) == expected).double().mean())
