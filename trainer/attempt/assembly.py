"""Assembly of a run from its specification: data, network, strategy and optimizer."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from rhoscope.composition import Contents, compose, names_in
from rhoscope.errors import InvalidInput
from rhoscope.series import Series
from rhoscope.settings import Settings
from rhoscope.spec import RunSpec
from rhoscope.validation import invalid
from trainer.attempt import noise_budget
from trainer.attempt.compatibility import (
    OFFICIAL,
    check_abilities,
    check_batch,
    check_masks,
    check_segments,
    check_shares,
    refuse_unknown,
)
from trainer.dataset import Dataset, Split
from trainer.encoder import Encoder
from trainer.fusion import Fusion
from trainer.initialization import initialize
from trainer.measures.evaluate import Evaluation, Observer, evaluate
from trainer.measures.layers import LayerNorms
from trainer.measures.optional_series import OPTIONAL, PROBE
from trainer.measures.samples import Choice, choose
from trainer.measures.series import LOOP
from trainer.model import Model
from trainer.plugins import load
from trainer.precision import Precision
from trainer.replicas import ALONE, Replicas
from trainer.strategy import Strategy
from trainer.training import Training

S = TypeVar("S", bound=Settings)


@dataclass
class Parts:
    """All that one run trains with. `settings` are the models that hold the flat namespace's values."""

    spec: RunSpec
    training: Training
    settings: tuple[Settings, ...]
    splits: dict[str, Split]
    model: Model
    strategy: Strategy
    optimizer: torch.optim.Optimizer
    precision: Precision
    device: torch.device
    series: tuple[Series, ...]
    layers: LayerNorms
    classes: tuple[str, ...]
    dataset: Dataset
    choice: Choice
    """Validation examples that are followed."""
    replicas: Replicas = ALONE
    remarks: tuple[str, ...] = ()  # what must be known about the data

    @property
    def share(self) -> int:
        """Examples of a batch that this process sees."""
        return self.training.batch_size // self.replicas.size

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in the training split."""
        return len(self.splits["train"]) // self.training.batch_size

    @property
    def probed(self) -> tuple[str, ...]:
        """Modalities whose encoders are probed."""
        return names_in(self.training.probe) or self.model.modalities

    def values(self) -> dict[str, Any]:
        """Every setting in force, by name."""
        return {name: value for model in self.settings for name, value in model}

    def change(self, name: str, value: Any) -> Any:
        """Change a live setting, or the strategy; the old value.

        Raises:
            InvalidInput: when it is not live or does not fit.
        """
        if name == "strategy":
            return self._switch(str(value))
        fields = [type(model).model_fields[name] for model in self._holders(name)]
        if not all(isinstance(f.json_schema_extra, dict) and f.json_schema_extra["live"] for f in fields):
            message = "can't be changed while the run is training"
            raise InvalidInput.field(name, message, value)
        old = self.values()[name]
        self.put(name, value)
        try:
            self.strategy.check(self.model, self.share)
        except InvalidInput:
            self.put(name, old)
            raise
        return old

    def _switch(self, name: str) -> str:
        """Give the network another strategy, with this one's settings where the names are the same."""
        old, spec = self.spec.strategy, self.spec.model_copy(update={"strategy": name})
        cls = cast("type[Strategy]", load("strategy", name))
        for one, live in ((old, type(self.strategy).live), (name, cls.live)):
            if not live:
                message = f"'{one}' can't be changed while the run is running; a fork can"
                raise InvalidInput.field("strategy", message, name)
        check_abilities(spec, cls, type(self.model.fusion), load("dataset", spec.dataset))
        check_shares(self.training, self.replicas, cls, name)
        check_masks(spec, self.dataset, {"strategy": cls})
        settings, _ = pick(cls.Settings, self.values())
        strategy = cls(self.model, settings).to(self.device)
        strategy.check(self.model, self.share)
        self.settings = tuple(settings if held is self.strategy.settings else held for held in self.settings)
        self.spec, self.strategy = spec, strategy
        self.series = _series(self.training, cls, self.model)
        return old

    def put(self, name: str, value: Any) -> None:
        """Give any setting a value. Raises: InvalidInput, when it is unknown or does not fit."""
        for model in self._holders(name):
            try:
                setattr(model, name, value)
            except ValidationError as error:
                raise invalid(error) from error

    def _holders(self, name: str) -> list[Settings]:
        holders = [model for model in self.settings if name in type(model).model_fields]
        if not holders:
            message = f"there is no setting '{name}' in this run"
            raise InvalidInput.field(name, message)
        return holders

    def evaluate(self, split: str, *observers: Observer) -> Evaluation:
        """Means over a split with the present weights; the network is left training."""
        self.model.eval()
        self.strategy.eval()
        with self.precision.autocast():
            evaluation = evaluate(self._predict, self.splits[split], *observers)
        self.model.train()
        self.strategy.train()
        return evaluation

    def _predict(self, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        return self.strategy.predict(self.model, inputs)


def build(spec: RunSpec, replicas: Replicas = ALONE) -> Parts:
    """Load the data and make everything the run needs, seeded; the same in all `replicas`.

    Raises:
        InvalidInput: when plug-ins or settings do not fit, or not each other; names each field.
    """
    training, given = pick(Training, spec.settings)
    device = training.choose_device()
    seed_everything(training.seed, deterministic=training.deterministic)
    dataset_class = cast("type[Dataset]", load("dataset", spec.dataset))
    fusion_class = cast("type[Fusion]", load("fusion", spec.fusion))
    strategy_class = cast("type[Strategy]", load("strategy", spec.strategy))
    check_abilities(spec, strategy_class, fusion_class, dataset_class)
    check_shares(training, replicas, strategy_class, spec.strategy)
    dataset_settings, a = pick(dataset_class.Settings, spec.settings)
    fusion_settings, b = pick(fusion_class.Settings, spec.settings)
    strategy_settings, c = pick(strategy_class.Settings, spec.settings)
    dataset = dataset_class(dataset_settings)
    plugin_settings = (training, dataset_settings, fusion_settings, strategy_settings)
    encoders, encoder_settings, d = _encoders(spec, dataset, plugin_settings)
    refuse_unknown(spec, contents_of(dataset), given | a | b | c | d)
    check_segments(dataset, encoders)
    parts: dict[str, type] = {"strategy": strategy_class, "fusion": fusion_class}
    check_masks(spec, dataset, parts | {f"encoders.{m}": type(encoder) for m, encoder in encoders.items()})
    widths = {m: encoder.width for m, encoder in encoders.items()}
    model = Model(encoders, fusion_class(widths, len(dataset.classes), fusion_settings))
    initialize(model, training.initialization)
    model = model.to(device)
    strategy = strategy_class(model, strategy_settings).to(device)
    share = training.batch_size // replicas.size
    strategy.check(model, share)
    if training.noise_budget_every:
        noise_budget.check(model, share)
    splits = _splits(dataset, training, model.modalities, device)
    check_batch(training.batch_size, splits)
    if training.compile:
        model.compile()
    return Parts(
        spec=spec,
        training=training,
        settings=(*plugin_settings, *encoder_settings),
        splits=splits,
        model=model,
        strategy=strategy,
        optimizer=training.build_optimizer(nn.ModuleList([model, strategy]).parameters(), device),
        precision=Precision(training.precision, device),
        device=device,
        series=_series(training, strategy_class, model),
        layers=LayerNorms(model, len(splits["train"]) // training.batch_size),
        classes=tuple(dataset.classes),
        dataset=dataset,
        choice=choose(splits["validation"], dataset.classes),
        replicas=replicas,
        remarks=dataset.remarks(),
    )


def _series(training: Training, strategy: type[Strategy], model: Model) -> tuple[Series, ...]:
    """All series of the run, by modality."""
    probed = names_in(training.probe) or model.modalities
    optional = [series for name, group in OPTIONAL.items() if getattr(training, name) for series in group]
    common = tuple(
        one
        for series in (*LOOP, *optional, *strategy.series)
        for one in series.expand(probed if series in PROBE else model.modalities)
    )
    return (*common, *model.series)


def seed_everything(seed: int, *, deterministic: bool = False) -> None:
    """Seed every generator that training may draw from."""
    random.seed(seed)
    np.random.seed(seed)
    seed_torch(seed)
    torch.use_deterministic_algorithms(deterministic)


def seed_torch(seed: int) -> None:
    """Do as `torch.manual_seed`, which keeps a traceback for each kind of device that is not there."""
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


def pick(model: type[S], settings: Mapping[str, Any]) -> tuple[S, set[str]]:
    """The plug-in's share of the flat settings, validated, and the names it has."""
    names = set(model.model_fields)
    try:
        return model.model_validate({k: v for k, v in settings.items() if k in names}), names
    except ValidationError as error:
        raise invalid(error) from error


def _splits(
    dataset: Dataset, training: Training, modalities: Sequence[str], device: torch.device
) -> dict[str, Split]:
    splits = {name: split.only(modalities).to(device) for name, split in dataset.load().items()}
    if training.protocol == OFFICIAL:
        splits["train"] = splits["train"] + splits["validation"]
        splits["validation"] = splits["test"]
    return splits


def contents_of(dataset: Dataset) -> Contents:
    """The contents of an opened data set, as far as the API needs them."""
    return Contents(
        modalities={m: facts.encoder for m, facts in dataset.modalities.items()},
        classes=len(dataset.classes),
        train_size=dataset.most_training(),
        remarks=list(dataset.remarks()),
    )


def _encoders(
    spec: RunSpec, dataset: Dataset, held: Sequence[Settings]
) -> tuple[dict[str, Encoder], list[Settings], set[str]]:
    """An encoder for each modality trained on. Raises: InvalidInput, where `spec` names another one."""
    possible = {m: facts.encoder for m, facts in type(dataset).modalities.items()}
    parts = compose(spec, possible, {m: facts.encoder for m, facts in dataset.modalities.items()})
    if errors := list(parts.misfits(spec, [name for model in held for name in _naming(type(model))])):
        raise InvalidInput.of(errors)
    built: dict[str, Encoder] = {}
    settings: list[Settings] = []
    names: set[str] = set()
    for modality, name in parts.encoders.items():
        cls = cast("type[Encoder]", load("encoder", name))
        own, known = pick(cls.Settings, spec.settings)
        built[modality] = cls(dataset.modalities[modality].shape, own)
        settings.append(own)
        names |= known
    return built, settings, names


def _naming(model: type[Settings]) -> Iterator[str]:
    """Settings that hold names of modalities."""
    for name, field in model.model_fields.items():
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("modalities"):
            yield name
