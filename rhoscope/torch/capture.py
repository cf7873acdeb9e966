"""A network that is not ours: its encoders' parameters and features, its head's input, and its own call."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.errors import InvalidInput
from rhoscope.torch.stand_in import absent, quiet

Encoder = nn.Module | str | Iterable[Tensor]
Call = tuple[tuple[Any, ...], dict[str, Any]]


class Encoders:
    """By modality: parameters that may be modulated, and what modules gave in the last pass that trains.

    Only forward hooks, which neither break a compiled graph nor see a pass of evaluation; where activation
    checkpointing runs a module twice, with or without gradient, the last one counts.
    """

    def __init__(
        self, encoders: Mapping[str, Encoder], model: nn.Module | None, head: object, *, recalls: bool
    ) -> None:
        """`recalls`: keep the model's own arguments, so that it can be asked again.

        Raises:
            InvalidInput: when one is no encoder.
        """
        self.model = _bare(model)
        modules = {m: resolve(m, encoder, self.model) for m, encoder in encoders.items()}
        self.modules = {m: one for m, one in modules.items() if isinstance(one, nn.Module)}
        self.parameters: dict[str, tuple[Tensor, ...]] = {
            m: tuple(one.parameters()) if isinstance(one, nn.Module) else tuple(one)
            for m, one in modules.items()
        }
        self.features: dict[str, Tensor] = {}
        self.entered: Call | None = None
        self._call: Call | None = None
        self._precision: tuple[str, torch.dtype, bool] = ("cpu", torch.bfloat16, False)
        self._without = ""
        self._mean = False
        self._hooks = [module.register_forward_hook(self._keep(m)) for m, module in self.modules.items()]
        if isinstance(head, nn.Module):
            self._hooks.append(head.register_forward_pre_hook(self._enter, with_kwargs=True))
        if recalls and self.model is not None:
            self._hooks.append(self.model.register_forward_pre_hook(self._recall, with_kwargs=True))

    @property
    def joined(self) -> Tensor | None:
        """The tensor that the head was called with, where it was called with nothing else."""
        args, named = self.entered or ((), {})
        return args[0] if len(args) == 1 and not named and isinstance(args[0], Tensor) else None

    def clear(self) -> None:
        """Let go of features and arguments."""
        self.features, self.entered, self._call = {}, None, None

    def close(self) -> None:
        """Take the hooks away."""
        for hook in self._hooks:
            hook.remove()

    def again(self, samples: int, *, mean: bool) -> Callable[[str, int], Tensor] | None:
        """A way to call the model again on the first rows of the batch of `samples`, without one modality."""
        call, model = self._call, self.model
        if call is None or model is None:
            return None

        @torch.no_grad()
        def ask(without: str, rows: int) -> Tensor:
            args, named = _first_rows(call, samples, rows)
            self._without, self._mean = without, mean
            try:
                kind, dtype, enabled = self._precision
                with quiet(model), torch.autocast(kind, dtype, enabled=enabled):
                    output = model(*args, **named)
            finally:
                self._without = ""
            logits = getattr(output, "logits", None)
            modules = logits if isinstance(logits, Tensor) else tensor_in(output)
            if modules is None:
                raise ValueError("the network's output holds no tensor")
            return modules

        return ask

    def _keep(self, modality: str) -> Any:
        def keep(module: nn.Module, _inputs: object, output: Any) -> Any:
            if self._without == modality:
                return _emptied(output, mean=self._mean)
            if _trains(module) and (features := tensor_in(output)) is not None:
                self.features[modality] = features.detach()
            return None

        return keep

    def _enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if _trains(module):
            self.entered = (_detached(args), _detached(kwargs))

    def _recall(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if _trains(module):
            self._call = (args, kwargs)
            kind = next((p.device.type for p in module.parameters()), "cpu")
            if kind != "meta":
                self._precision = (kind, torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind))


def _trains(module: nn.Module) -> bool:
    """Whether this pass belongs to training; checkpointing may run its first pass without gradient."""
    return torch.is_grad_enabled() or module.training


def _bare(model: nn.Module | None) -> nn.Module | None:
    """The network inside wrappers for compiling and for several processes."""
    while model is not None:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner
    return None


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
    parameters = tuple(encoder) if isinstance(encoder, Iterable) else ()
    if not parameters or not all(isinstance(p, Tensor) for p in parameters):
        raise InvalidInput.field(field, "expected a module, its name, or its parameters", str(encoder)[:100])
    return parameters


def tensor_in(output: object) -> Tensor | None:
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


def _detached(value: Any) -> Any:
    """Arguments of a call, without the graph they came from."""
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, dict):
        return {key: _detached(one) for key, one in value.items()}
    if type(value) in (tuple, list):
        return type(value)([_detached(one) for one in value])
    return value


def _emptied(output: Any, *, mean: bool) -> Any:
    """A module's output, with nothing in it."""
    if isinstance(output, Tensor):
        return absent(output, mean=mean) if output.is_floating_point() else output
    if isinstance(output, Mapping):
        return type(output)(**{key: _emptied(value, mean=mean) for key, value in output.items()})
    if isinstance(output, tuple | list):
        return type(output)(_emptied(value, mean=mean) for value in output)
    return output


def _first_rows(value: Any, samples: int, rows: int) -> Any:
    """Arguments of a call with the batch's first rows only."""
    if isinstance(value, Tensor):
        return value[:rows] if value.ndim and len(value) == samples else value
    if isinstance(value, Mapping):
        return {key: _first_rows(one, samples, rows) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_first_rows(one, samples, rows) for one in value)
    return value
