"""From a batch of a network that is not ours to what it shows about each modality."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypedDict

import torch
from torch import Tensor, nn

from rhoscope.errors import InvalidInput
from rhoscope.series import Series
from rhoscope.torch.batch import Batch
from rhoscope.torch.stand_in import Material, StandIn, stand_ins
from rhoscope.torch.tally import Tally
from rhoscope.torch.task import Scored, Task, tasks

AUTO = "auto"


class Ways(TypedDict, total=False):
    """How a modality is looked at.

    `task`: what the target is, a file of `rhoscope/torch/tasks`; `alone`: what stands for one modality, a
    file of `rhoscope/torch/alone`; `absent`: what replaces the others; `classes`: number of outputs, where a
    probe can't know it; `every`: steps between two looks, which divides their cost.
    """

    task: str
    alone: str
    absent: Literal["zeros", "batch-mean"]
    classes: int
    every: int


class Scoring:
    """Chosen at the first batch, and kept. `say` gets a sentence where the best way does not fit."""

    def __init__(
        self, modalities: tuple[str, ...], head: nn.Module | None, ways: Ways, say: Callable[[str], None]
    ) -> None:
        """Raises: InvalidInput, for a way that there is not."""
        _known("task", ways.get("task", AUTO), tasks())
        _known("alone", ways.get("alone", AUTO), stand_ins())
        alone = stand_ins().get(ways.get("alone", AUTO))
        if alone is not None and alone.most is not None and len(modalities) > alone.most:
            message = f"'{alone.name}' takes at most {alone.most} modalities, here are {len(modalities)}"
            raise InvalidInput.field("alone", message, alone.name)
        _known("absent", ways.get("absent", "zeros"), {"zeros": 0, "batch-mean": 0}, auto=False)
        _number("every", ways.get("every", 1))
        self._modalities, self._head, self._ways, self._say = modalities, head, ways, say
        self._stand_in: StandIn | None = None
        self._resumed: Mapping[str, Any] = {}
        self._begun = self._ignores = False
        named = ways.get("task", AUTO)
        self.task: Task | None = None if named == AUTO else tasks()[named]

    @property
    def every(self) -> int:
        """How many steps lie between two looks."""
        return self._ways.get("every") or (self.task.every if self.task else 1)

    def look(self, batch: Batch, entered: tuple[tuple[Any, ...], dict[str, Any]] | None) -> Tally:
        """One micro-batch's tally. `entered`: the arguments that the head was called with, if known.

        Raises:
            ValueError, RuntimeError: when the batch does not fit.
        """
        task = self.begin(batch)
        if self._ignores and batch.target is not None:
            counts = (batch.target >= 0).to(torch.float64)
            batch = replace(batch, weight=counts if batch.weight is None else counts * batch.weight)
        if not isinstance(task, Scored) or batch.unimodal:
            return task.tally(self._modalities, self._ordered(task, batch))
        batch = self._ordered(task, batch)
        if self._stand_in is None:
            self._stand_in = self._fitting(task, batch, entered)
            if self._resumed:
                self._stand_in.load_state_dict(self._resumed)
        self._stand_in.joined = batch.joined
        alone = self._stand_in(batch.features, batch.truth())
        self._stand_in.joined = None
        result = {"alone": alone} if isinstance(alone, Tensor) else {"unimodal": alone}
        return task.tally(self._modalities, replace(batch, **result))

    def begin(self, batch: Batch) -> Task:
        """The kind of task; found out from the first batch, as is whether some samples have no class.

        Their class is negative, as for a loss that ignores them; they are left out.
        """
        if self.task is None:
            fitting = [task for task in tasks().values() if task.fits(batch)]
            if not fitting:
                raise ValueError(
                    "this task needs a target; pass it to observe, or say which it is with task="
                )
            self.task = fitting[0]
        if not self._begun and batch.target is not None:
            self._begun = True
            if self.task.name == "classes" and batch.target.device.type != "meta":
                self._ignores = bool((batch.target < 0).any())
        return self.task

    def series(self) -> list[Series]:
        """Declarations of all that it may give."""
        way = f"Scored by {self._stand_in.way if self._stand_in else 'predictions that the program passed'}."
        return self.task.series(way) if self.task else []

    def state_dict(self) -> dict[str, Any]:
        """The state of the stand-in, if it learns."""
        return self._stand_in.state_dict() if self._stand_in else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._resumed = state
        if self._stand_in:
            self._stand_in.load_state_dict(state)

    def _ordered(self, task: Task, batch: Batch) -> Batch:
        """Raises: ValueError, when features are missing."""
        given = batch.unimodal if task.alone and batch.unimodal else batch.features
        missing = [m for m in self._modalities if m not in given]
        if missing and task.name != "tokens":
            raise ValueError(f"no features of {', '.join(missing)}; pass features={{...}} to observe")
        ordered = {m: given[m].detach() for m in self._modalities if m in given}
        if given is batch.unimodal:
            return replace(batch, unimodal=ordered)
        return replace(batch, features=ordered)

    def _fitting(
        self, task: Scored, batch: Batch, entered: tuple[tuple[Any, ...], dict[str, Any]] | None
    ) -> StandIn:
        material = Material(
            task=task,
            features=batch.features,
            target=batch.truth(),
            head=self._head,
            entered=entered,
            logits=batch.logits,
            mean=self._ways.get("absent", "zeros") == "batch-mean",
            classes=self._ways.get("classes", 0),
            say=self._say,
        )
        chosen = self._ways.get("alone", AUTO)
        automatic = sorted((one.rank, one) for one in stand_ins().values() if one.rank is not None)
        order = [one for _, one in automatic]
        if chosen != AUTO:
            order = [stand_ins()[chosen], *(one for one in order if one.name != chosen)]
        for one in order:
            if made := one.of(material):
                return made
        raise ValueError("no way to score a modality alone fits this network; observe unimodal= or logits=")


def _known(field: str, value: str, choices: Mapping[str, object], *, auto: bool = True) -> None:
    if value not in choices and not (auto and value == AUTO):
        listed = ", ".join([*([AUTO] if auto else []), *choices])
        raise InvalidInput.field(field, f"expected one of {listed}", value)


def _number(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput.field(field, "expected a whole number of at least 1", str(value))
