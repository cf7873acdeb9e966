"""Encoders of a network that is not ours: their parameters, and the features that they give."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.errors import InvalidInput

Encoder = nn.Module | str | Iterable[Tensor]


class Encoders:
    """By modality: parameters that may be modulated, and what modules gave in the last pass with gradient.

    Only forward hooks, which neither break a compiled graph nor see a pass without gradient; where activation
    checkpointing runs a module twice, the last one counts.
    """

    def __init__(self, encoders: Mapping[str, Encoder], model: nn.Module | None, head: object) -> None:
        """Raises: InvalidInput, when one is none."""
        if len(encoders) < 1:
            raise InvalidInput.field("encoders", "expected at least one modality", {})
        found = {m: resolve(m, encoder, model) for m, encoder in encoders.items()}
        self.modules = {m: one for m, one in found.items() if isinstance(one, nn.Module)}
        self.parameters: dict[str, tuple[Tensor, ...]] = {
            m: tuple(one.parameters()) if isinstance(one, nn.Module) else tuple(one)
            for m, one in found.items()
        }
        self.features: dict[str, Tensor] = {}
        self.entered: Tensor | None = None
        self._hooks = [module.register_forward_hook(self._keep(m)) for m, module in self.modules.items()]
        if isinstance(head, nn.Module):
            self._hooks.append(head.register_forward_pre_hook(self._enter))

    def shared(self) -> tuple[str, str] | None:
        """Two modalities whose encoders share a parameter, if any do: modulating one would modulate both."""
        owner: dict[int, str] = {}
        for m, parameters in self.parameters.items():
            for parameter in parameters:
                if (other := owner.setdefault(id(parameter), m)) != m:
                    return other, m
        return None

    def clear(self) -> None:
        """Let go of the features, so that no graph is kept."""
        self.features, self.entered = {}, None

    def close(self) -> None:
        """Take the hooks away."""
        for hook in self._hooks:
            hook.remove()

    def _keep(self, modality: str) -> Any:
        def keep(_module: nn.Module, _inputs: object, output: object) -> None:
            if torch.is_grad_enabled() and (features := _tensor(output)) is not None:
                self.features[modality] = features.detach()

        return keep

    def _enter(self, _module: nn.Module, inputs: tuple[object, ...]) -> None:
        if torch.is_grad_enabled() and inputs and isinstance(inputs[0], Tensor):
            self.entered = inputs[0].detach()


def resolve(modality: str, encoder: Encoder, model: nn.Module | None) -> nn.Module | tuple[Tensor, ...]:
    """An encoder's module, or its parameters. Raises: InvalidInput, when it has neither."""
    field = f"encoders.{modality}"
    if isinstance(encoder, nn.Module):
        return encoder
    if isinstance(encoder, str):
        if model is None:
            raise InvalidInput.field(field, "a name is looked up in `model`, which was not given", encoder)
        try:
            return model.get_submodule(encoder)
        except AttributeError as error:
            raise InvalidInput.field(
                field, f"`model` has no module of this name ({error})", encoder
            ) from error
    parameters = tuple(encoder)
    if not parameters or not all(isinstance(p, Tensor) for p in parameters):
        raise InvalidInput.field(field, "expected a module, its name, or its parameters", str(encoder)[:100])
    return parameters


def _tensor(output: object) -> Tensor | None:
    """The features in a module's output: a tensor, the first of several, or a model output's pooled one."""
    if isinstance(output, Tensor):
        return output
    pooled = getattr(output, "pooler_output", None)
    if isinstance(pooled, Tensor):
        return pooled
    several = (
        output.values() if isinstance(output, Mapping) else output if isinstance(output, tuple | list) else ()
    )
    return next((one for one in several if isinstance(one, Tensor)), None)
