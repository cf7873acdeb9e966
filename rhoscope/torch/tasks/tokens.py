"""Text that is written token by token. Letters: N samples, T places, V words of the vocabulary."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.tally import NONE, Tally
from rhoscope.torch.task import Task, Values, declared

ROWS = 8
"""At most so much of a batch is asked again."""
UNLABELED = -100
"""The label of a token that is not to be predicted, as in Transformers."""


class Tokens(Task):
    """Log-probability per labeled token with a modality and without it, on a few rows every 50 steps.

    The target is int64 [N, T], `UNLABELED` where nothing is to be predicted. The network is asked again,
    without gradient and in evaluation mode, so that neither its random numbers nor its statistics notice.
    """

    name = "tokens"
    rank = 10
    alone = False
    every = 50

    def fits(self, batch: Batch) -> bool:
        target = batch.target
        if target is None or target.is_floating_point() or target.ndim != 2 or target.dtype == torch.bool:
            return False
        if batch.logits is not None and batch.logits.ndim == 3:
            return True
        return target.device.type != "meta" and bool(((target != 0) & (target != 1)).any())

    @torch.no_grad()
    def tally(self, modalities: tuple[str, ...], batch: Batch) -> Tally:  # noqa: ARG002
        if batch.again is None:
            raise ValueError("a task of tokens asks the network again; give Balance model=")
        labels = batch.truth()[:ROWS]
        sums = {"with": _log_prob(batch.again("", ROWS), labels, shifted=batch.shifted)}
        for m in batch.removable:
            sums[f"without.{m}"] = _log_prob(batch.again(m, ROWS), labels, shifted=batch.shifted)
        return Tally(sums["with"].new_empty(0), sums, masked=True)

    def values(self, modalities: tuple[str, ...], tally: Tally) -> Values:
        means = {
            n: (each[0] / each[1]).to(torch.float32).where(each[1] > 0, -NONE)
            for n, each in tally.sums.items()
        }
        values = {"token_log_prob": means["with"]}
        for m in modalities:
            if (without := means.get(f"without.{m}")) is not None:
                values[f"token_log_prob_without.{m}"] = without
                values[f"token_gain.{m}"] = means["with"] - without
        return values

    def series(self, way: str) -> list[Series]:  # noqa: ARG002
        rows = f"On at most {ROWS} rows of a batch, in evaluation mode."
        return [
            declared(
                "token_log_prob",
                "Log-probability per token",
                "mean over labeled tokens of log p(token)",
                f"With all modalities. {rows}",
                unit="nats",
            ),
            declared(
                "token_log_prob_without.{m}",
                "Log-probability per token without a modality",
                "mean over labeled tokens of log p(token | others)",
                f"With this modality's features replaced. {rows}",
                unit="nats",
                chart="token_log_prob",
            ),
            declared(
                "token_gain.{m}",
                "Gain per token",
                "log p(token) − log p(token | others)",
                "What this modality adds to the prediction of a token: 0 means that the model ignores it. "
                + rows,
                unit="nats",
                reference=0.0,
            ),
        ]


def _log_prob(logits: Tensor, labels: Tensor, *, shifted: bool) -> Tensor:
    """Sum over labeled tokens of their log-probability, and their number, [2].

    Places in front that have no label, as those of an image, are left out. Raises: ValueError, for other
    shapes.
    """
    if logits.ndim != 3 or logits.shape[0] != labels.shape[0] or logits.shape[1] < labels.shape[1]:
        expected = f"[{labels.shape[0]}, at least {labels.shape[1]}, words]"
        raise ValueError(f"the network should give {expected}. Found {tuple(logits.shape)}.")
    logits = logits[:, -labels.shape[1] :]
    if shifted:
        logits, labels = logits[:, :-1], labels[:, 1:]
    loss = cross_entropy(
        logits.flatten(0, 1).float(), labels.flatten(), ignore_index=UNLABELED, reduction="sum"
    )
    return torch.stack([-loss.double(), (labels != UNLABELED).sum().double()])


TASK = Tokens()
