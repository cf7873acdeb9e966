"""Refuses combinations that do not work in one run, with the reason and the alternatives."""

from collections.abc import Mapping

import torch

from rhoscope.composition import Contents
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.spec import RunSpec
from trainer.dataset import Dataset, Split
from trainer.encoder import Encoder
from trainer.plugins import abilities, describe
from trainer.replicas import Replicas
from trainer.strategy import Strategy
from trainer.training import Training

OFFICIAL = "official-code"
"""The protocol that has no validation split of its own."""


def check_abilities(spec: RunSpec, strategy: type[Strategy], *others: type) -> None:
    """Raises: InvalidInput, when the strategy needs what fusion, data set and protocol do not offer."""
    there = {ability for other in others for ability in abilities(other)}
    if spec.settings.get("protocol") == OFFICIAL:
        there -= {"validation"}
    missing = sorted(set(strategy.requires) - there)
    if missing:
        message = (
            f"'{spec.strategy}' needs {' and '.join(missing)}, which fusion '{spec.fusion}', data set "
            f"'{spec.dataset}' and this protocol do not provide"
        )
        raise InvalidInput.field("strategy", message, spec.strategy)


def check_masks(spec: RunSpec, dataset: Dataset, parts: Mapping[str, type]) -> None:
    """Raises: InvalidInput, when examples may lack modalities and one of the `parts`, by field, needs all."""
    if not dataset.may_lack:
        return
    catalog = describe()
    for field, cls in parts.items():
        if not getattr(cls, "masked", False):
            raise InvalidInput.of([catalog.unmasked(field, _name(spec, field, cls), spec.dataset)])


def _name(spec: RunSpec, field: str, cls: type) -> str:
    """The name by which users know it."""
    named = {"strategy": spec.strategy, "fusion": spec.fusion}
    return named.get(field) or cls.__module__.rsplit(".", 1)[-1].replace("_", "-")


def check_shares(training: Training, replicas: Replicas, strategy: type[Strategy], name: str) -> None:
    """Raises: InvalidInput, when several processes can't share this run's batches."""
    size = training.processes
    if size == 1:
        return
    message = ""
    if not strategy.replicated:
        message = f"strategy '{name}' looks at one batch as a whole; it supports only 1 process"
    elif training.batch_size % size:
        message = f"a batch of {training.batch_size} can't be shared equally by {size}"
    elif training.choose_device().type == "cuda" and size > torch.cuda.device_count():
        message = f"{size} exceeds the {torch.cuda.device_count()} GPUs of this worker"
    elif replicas.size != size:
        message = f"{size} requested, but {replicas.size} started"
    if message:
        raise InvalidInput.field("processes", message, size)


def check_segments(dataset: Dataset, encoders: Mapping[str, Encoder]) -> None:
    """Raises: InvalidInput, when an encoder gives more or fewer rows of features than there are classes."""
    for modality, encoder in encoders.items():
        if encoder.segments != dataset.segments:
            message = (
                f"gives features for {encoder.segments} segments of an example, and the data set has a class "
                f"for {dataset.segments}"
            )
            raise InvalidInput.field(f"encoders.{modality}", message, modality)


def refuse_unknown(spec: RunSpec, contents: Contents, known: set[str]) -> None:
    """Raises: InvalidInput, naming each setting that no part of the run has, in the API's words."""
    if spec.settings.keys() <= known:
        return
    describe().check(spec, contents)
    errors = [
        FieldError(field=name, value=spec.settings[name], message=f"there is no setting '{name}' in this run")
        for name in spec.settings.keys() - known
    ]
    raise InvalidInput.of(errors)


def check_batch(batch_size: int, splits: Mapping[str, Split]) -> None:
    """Raises: InvalidInput, when there are fewer training examples than a batch holds."""
    size = len(splits["train"])
    if batch_size > size:
        message = f"{batch_size} is more than the {size} training examples; expected 1 to {size}"
        raise InvalidInput.field("batch_size", message, batch_size)
