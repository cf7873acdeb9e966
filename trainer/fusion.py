"""How features of several modalities become logits. Letters: N samples, C classes, D features."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.errors import InvalidInput
from rhoscope.series import Series
from rhoscope.settings import Settings as PluginSettings
from rhoscope.settings import setting
from rhoscope.torch.presence import Partial, presence_of
from trainer.encoder import Encoder

Features = dict[str, Tensor]


class Fusion(nn.Module, ABC):
    """Joins features; a subclass overrides `fuse` and, when it can, `unimodal`.

    Abilities that strategies may require: `additive`, the fused logits are exactly the sum of the unimodal
    ones; `linear`, these are linear in the features and `class_weights` returns the weights; `late`,
    modalities meet in `fuse` and nowhere before; `masked`, it can do without a modality that an example
    lacks, whose features are then zeros.

    A fusion that works inside the encoders overrides `encode`, which may return more than the modalities'
    features, and makes its modules in `attach`. A loss of its own is returned by `own_loss`; what is to be
    drawn is declared in `series` and reported in `values`. Its docstring is its help text.
    """

    title: ClassVar[str]
    paper: ClassVar[str] = ""
    fidelity: ClassVar[str] = ""
    """How it compares with its authors' program: "Equal to the published code ..." or "Differs from ..."."""
    own_start: ClassVar[bool] = False
    """Whether its layers start as it says, whatever the run's `initialization`."""
    additive: ClassVar[bool] = False
    linear: ClassVar[bool] = False
    late: ClassVar[bool] = True
    masked: ClassVar[bool] = False
    Settings: ClassVar[type[PluginSettings]] = PluginSettings
    series: tuple[Series, ...] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.masked = vars(cls).get(
            "masked", False
        )  # nobody inherits it: what a subclass changes may need all

    def __init__(self, widths: Mapping[str, int], classes: int, settings: PluginSettings) -> None:
        super().__init__()
        self.widths = dict(widths)
        self.classes = classes
        self.settings = settings

    def attach(self, encoders: Mapping[str, Encoder]) -> None:
        """Make what works between the encoders' stages; called once, before training."""

    def encode(self, encoders: Mapping[str, Encoder], inputs: Mapping[str, Tensor]) -> Features:
        """Features [N, D_u] by modality; here each encoder sees for itself."""
        there = presence_of(inputs)
        if there is None:
            shown = {m: encoder.shown(inputs[m]) for m, encoder in encoders.items()}
            return {m: encoder.see(m, {**shown, m: inputs[m]}) for m, encoder in encoders.items()}
        features = {m: there.encode(m, e, inputs[m], self.widths[m]) for m, e in encoders.items()}
        return Partial(features, there)

    @abstractmethod
    def fuse(self, features: Features) -> Tensor:
        """Logits [N, C]."""

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits [N, C] of each modality alone.

        No exact split exists for a fusion that is not additive: here the other modalities' features are
        replaced by what `absent` gives.
        """
        gone = {m: self.absent(f) for m, f in features.items()}
        return {m: self.fuse({**gone, m: features[m]}) for m in self.widths}

    def absent(self, features: Tensor) -> Tensor:
        """Replacement of absent features [N, D]; here zeros."""
        return torch.zeros_like(features)

    def class_weights(self) -> dict[str, Tensor]:
        """Weights [C, D_u] by modality, of a fusion that is linear."""
        raise NotImplementedError(f"{type(self).__name__} is not linear.")

    def task_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """The loss of joint training for logits [N, C], 0-D; here the cross-entropy."""
        return cross_entropy(logits, target)

    def own_loss(self, features: Features, target: Tensor) -> Tensor | None:  # noqa: ARG002
        """A 0-D tensor to be minimized besides the strategy's loss, for a fusion that has one."""
        return None

    def values(self) -> dict[str, Tensor]:
        """0-D tensors for the last batch, one for each of `series`."""
        return {}


class Summed(Fusion):
    """Base of fusions whose logits are the sum of a linear head per modality.

    A modality's own logits are its head's, with the whole of its bias in training and in testing.
    """

    additive: ClassVar[bool] = True
    linear: ClassVar[bool] = True
    masked: ClassVar[bool] = True

    def __init__(self, widths: Mapping[str, int], classes: int, settings: PluginSettings) -> None:
        super().__init__(widths, classes, settings)
        self.heads = nn.ModuleDict({m: nn.Linear(width, classes) for m, width in widths.items()})

    def fuse(self, features: Features) -> Tensor:
        """The sum over those modalities that a sample has, their biases included."""
        logits = {m: head(features[m]) for m, head in self.heads.items()}
        if there := presence_of(features):
            logits = {m: z.masked_fill(~there.of(m), 0) for m, z in logits.items()}
        return torch.stack(list(logits.values())).sum(0)

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        """Logits `W_u φ_u + b_u` [N, C]; their sum is the fused logits."""
        return {m: head(features[m]) for m, head in self.heads.items()}

    def class_weights(self) -> dict[str, Tensor]:
        return {m: cast("nn.Linear", head).weight for m, head in self.heads.items()}


class AbsentSettings(PluginSettings):
    """Scoring of single modalities in a fusion without an exact split."""

    absent: Literal["zeros", "batch-mean"] = setting(
        "zeros",
        "Replacement of the other modalities' features when one modality is scored alone; batch-mean: their "
        "mean over the current batch.",
    )


class Inseparable(Fusion):
    """Base of fusions whose logits can't be split exactly into modalities' shares."""

    Settings = AbsentSettings
    settings: AbsentSettings

    def unimodal(self, features: Features) -> dict[str, Tensor]:
        there = presence_of(features)
        if there is None or self.settings.absent == "zeros":
            return super().unimodal(features)
        gone = {m: f.new_zeros(()).expand_as(f) for m, f in features.items()}
        for m, rows in there.rows.items():  # the mean is over those that have it
            if there.counts[m]:
                known = features[m].detach().index_select(0, rows)
                gone[m] = known.mean(0, keepdim=True).expand_as(features[m])
        return {m: self.fuse({**gone, m: features[m]}) for m in self.widths}

    def absent(self, features: Tensor) -> Tensor:
        if self.settings.absent == "zeros":
            return torch.zeros_like(features)
        return features.detach().mean(0, keepdim=True).expand_as(features)


def choose(name: str, field: str, modalities: tuple[str, ...]) -> str:
    """The modality a setting `field` names, or the first where it is empty.

    Raises:
        InvalidInput: when there is no such modality.

    >>> choose("", "conditioner", ("audio", "visual"))
    'audio'
    """
    if name and name not in modalities:
        message = f"there is no modality '{name}'; available: {', '.join(modalities)}"
        raise InvalidInput.field(field, message, name)
    return name or modalities[0]
