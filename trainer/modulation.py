"""Modulation of encoder gradients between the backward pass and the optimizer."""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings, setting
from rhoscope.torch.gradients import gradients, in_scope, multiply
from rhoscope.torch.host import Vector, tensor_of
from trainer.model import Model
from trainer.strategy import Step, Strategy


class WindowSettings(Settings):
    """Window of the modulation."""

    modulation_starts: int = setting(0, "First epoch or step to modulate, from 0.", live=True, ge=0)
    modulation_ends: int | None = setting(
        None,
        "Last epoch or step to modulate; empty: to the end. The official code stops at epoch 50 of 100.",
        live=True,
        ge=0,
    )
    modulation_unit: Literal["epoch", "step"] = setting(
        "epoch", "Unit of the first and last modulated epoch or step.", live=True
    )


class ModulationSettings(WindowSettings):
    """Scope and window of the modulation."""

    scope: Literal["auto", "conv", "all"] = setting(
        "auto",
        "Parameters of an encoder to modulate. conv: convolution weights, as in the official code; all: "
        "every parameter; auto: conv for encoders that have convolutions, all for others.",
    )


class Modulation(Strategy):
    """Base of strategies that change encoders' gradients, and nothing else of the step.

    A subclass overrides `modulate` and calls `brake`; the head and what modalities share are never touched.
    """

    Settings = ModulationSettings
    settings: ModulationSettings

    def __init__(self, model: Model, settings: ModulationSettings) -> None:
        super().__init__(model, settings)
        self.modulated = {m: in_scope(encoder, settings.scope) for m, encoder in model.encoders.items()}
        for modality, parameters in self.modulated.items():
            if not parameters:
                kind = type(model.encoders[modality]).__name__
                message = (
                    f"the encoder of '{modality}' ({kind}) has no convolution weights, so "
                    "nothing of it would be modulated; scope 'all' takes every parameter"
                )
                raise InvalidInput.field("scope", message, settings.scope)

    def modulates(self, step: Step) -> bool:
        """Whether the modulation window holds this step; both ends belong to it."""
        return within(self.settings, step)

    def brake(self, k: Mapping[str, Tensor] | Vector) -> None:
        """Multiply each encoder's gradient by its coefficient: 0-D by modality, or [M] in their order."""
        factors = torch.stack([k[m] for m in self.modulated]) if isinstance(k, Mapping) else k
        multiply([gradients(parameters) for parameters in self.modulated.values()], factors)

    def emit_slowed(self, step: Step, k: Vector) -> None:
        """Emit how long gradients are that were multiplied by `k` [M] and not changed otherwise."""
        if not step.measures_norms:
            return
        looked = step.looked()
        places = [self.modalities.index(m) for m in looked.modalities]
        own = k if len(places) == len(self.modalities) else tensor_of(k)[places]
        touched = {m: gradients(parameters) for m, parameters in self.modulated.items()}
        step.emit_each(("grad_norm_modulated",), looked.modalities, looked.slowed(touched, own))


def within(settings: WindowSettings, step: Step) -> bool:
    """Whether the window holds this step; both ends belong to it."""
    now = step.epoch if settings.modulation_unit == "epoch" else step.number
    last = settings.modulation_ends
    return settings.modulation_starts <= now and (last is None or now <= last)
