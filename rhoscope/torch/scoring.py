"""From a batch of a network that is not ours to scores of each modality."""

from collections.abc import Callable, Mapping
from typing import Literal, TypedDict

import torch
from torch import Tensor, nn

from rhoscope.torch.alone import Ablate, Probe, Split, order_of
from rhoscope.torch.tally import Tally, Task, tally


class Ways(TypedDict, total=False):
    """How a modality alone is scored.

    `task`: what the target is; `alone`: what stands for one modality; `absent`: what replaces the others with
    `ablate`; `classes`: number of outputs, where a probe can't know it.
    """

    task: Literal["auto", "classes", "labels", "regression"]
    alone: Literal["auto", "split", "probe", "ablate"]
    absent: Literal["zeros", "batch-mean"]
    classes: int


class Scoring:
    """Chosen at the first batch, and kept. `say` gets a sentence where the best way does not fit."""

    def __init__(
        self, modalities: tuple[str, ...], head: nn.Module | None, ways: Ways, say: Callable[[str], None]
    ) -> None:
        self._modalities, self._head, self._ways, self._say = modalities, head, ways, say
        self._way: Split | Ablate | Probe | None = None
        self.task: Task = "classes"
        self.masked = False
        self._begun = False

    @property
    def name(self) -> str:
        """The stand-in for a modality alone."""
        return self._way.name if self._way else "given"

    def tally(
        self,
        target: Tensor,
        features: Mapping[str, Tensor],
        given: tuple[Mapping[str, Tensor] | None, Tensor | None, Tensor | None],
        present: Mapping[str, Tensor] | None,
    ) -> Tally:
        """One batch's tally. `given`: predictions of modalities alone, logits, the head's input, if known.

        Raises:
            ValueError, RuntimeError: when the batch does not fit.
        """
        unimodal, logits, entered = given
        if not self._begun:
            self.task, self._begun = self._task_of(target), True
        self.masked = self.masked or present is not None
        alone = unimodal or self._unimodal(features, target, logits, entered)
        return tally(alone, target, self.task, present)

    def _task_of(self, target: Tensor) -> Task:
        task = self._ways.get("task", "auto")
        if task != "auto":
            return task
        if not target.is_floating_point() and target.ndim == 1:
            return "classes"
        if target.ndim == 2 and (not target.is_floating_point() or _binary(target)):
            return "labels"
        return "regression"

    def _unimodal(
        self, features: Mapping[str, Tensor], target: Tensor, logits: Tensor | None, entered: Tensor | None
    ) -> Mapping[str, Tensor]:
        if missing := [m for m in self._modalities if m not in features]:
            raise ValueError(f"no features of {', '.join(missing)}; pass features={{...}} to observe")
        ordered = {m: features[m].detach() for m in self._modalities}
        if self._way is None:
            self._way = self._fitting(ordered, target, logits, entered)
        return self._way(ordered, target)

    def _fitting(
        self, features: Mapping[str, Tensor], target: Tensor, logits: Tensor | None, entered: Tensor | None
    ) -> Split | Ablate | Probe:
        alone = self._ways.get("alone", "auto")
        if alone == "ablate" and self._head is not None:
            return Ablate(self._head, mean=self._ways.get("absent", "zeros") == "batch-mean")
        if alone in ("auto", "split") and isinstance(self._head, nn.Linear):
            order = order_of(features, entered, self._head)
            if order:
                return Split(self._head, order)
            self._say("the head's input is not the features side by side, so modalities are scored by probes")
        return Probe(self.task, self._outputs(target, logits))

    def _outputs(self, target: Tensor, logits: Tensor | None) -> int:
        if count := self._ways.get("classes") or getattr(self._head, "out_features", 0):
            return int(count)
        if logits is not None:
            return int(logits.shape[-1])
        if self.task == "classes":
            raise ValueError("the number of classes is not known; give Balance classes=, or observe logits=")
        return target[0].numel()


def _binary(target: Tensor) -> bool:
    return target.device.type != "meta" and bool(torch.logical_or(target == 0, target == 1).all())
