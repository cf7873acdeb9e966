"""One step's gradients of a network that is not ours: measured, slowed down, made noisy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import prod, sqrt

import torch
from torch import Tensor, nn

from rhoscope.errors import InvalidInput
from rhoscope.torch.extent import Extent, vector
from rhoscope.torch.gradients import (
    Part,
    each_norm,
    gradients,
    in_scope,
    lengths_of,
    multiply,
    norm,
    norms_of,
)
from rhoscope.torch.host import tensor_of
from rhoscope.torch.noise import Deviations, add_noise, tensor_stds

STRATEGIES = ("watch", "ogm", "ge", "ogm-ge")
BRAKING = ("ogm", "ogm-ge")
ENHANCING = ("ge", "ogm-ge")
Parts = dict[str, Part]


@dataclass
class Order:
    """The work on one step: `k` [M] by which gradients are multiplied, the noise's factor; None for none."""

    k: Tensor | None = None
    noise_scale: float | Tensor | None = None
    generator: torch.Generator | None = field(default=None, repr=False)


class Modulator:
    """Acts on `.grad` of encoders' parameters; those that are frozen or have none are left out."""

    def __init__(
        self, parameters: Mapping[str, Sequence[Tensor]], modules: Mapping[str, nn.Module], scope: str
    ) -> None:
        self._all = parameters
        self.sharded = any(_split(p) for each in parameters.values() for p in each)
        """Whether each process holds a part of a parameter only, so that no norm is known to it alone."""
        self.copies = max((_copies(p) for each in parameters.values() for p in each), default=1)
        """How many processes hold the same part."""
        self._ids = {m: set(map(id, in_scope(module, scope))) for m, module in modules.items()}

    @property
    def device(self) -> torch.device:
        """The device of the encoders."""
        return next((p.device for each in self._all.values() for p in each), torch.device("cpu"))

    def check(self, scope: str) -> None:
        """Raises: InvalidInput, when a strategy would modulate nothing of an encoder that has parameters."""
        for m, parameters in self._all.items():
            if parameters and not self.scoped(m):
                message = (
                    f"nothing of the encoder of '{m}' would be modulated; scope 'all' takes every parameter"
                )
                raise InvalidInput.field("scope", message, scope)
        if not any(self._all.values()):
            raise InvalidInput.field("encoders", "none has parameters, so nothing would be modulated", "")

    def scoped(self, modality: str) -> list[Tensor]:
        """Parameters that may be modulated."""
        return [p for p in self._all[modality] if self._inside(modality, p)]

    def speeds(self) -> tuple[Parts, Tensor]:
        """Norms of each encoder's trained weights, and logarithms of learning speeds ‖g‖² / ‖θ‖², [M]."""
        parts: Parts = {}
        logs = []
        for m, parameters in self._all.items():
            trained = [p.detach() for p in parameters if p.grad is not None]
            if not trained:
                logs.append(torch.full((), -torch.inf, dtype=torch.float64, device=self.device))
                continue
            length = norm(trained)
            parts[f"weight.{m}"] = length[None]
            norms = torch.stack([norm(gradients(parameters)), length])
            logs.append(2 * norms.double().log().diff()[0].neg())
        return parts, torch.stack(logs)

    @torch.no_grad()
    def act(self, order: Order) -> Parts:
        """Norms of gradients before, by parameter, and of what was done.

        `norm.{m}` [parameters] of those in scope, `outside.{m}` of the others; `noise.{m}`, `noise_std.{m}`,
        `after.{m}` [1] where noise was added.
        """
        inside, outside = self._gradients()
        named = {f"norm.{m}": grads for m, grads in inside.items()}
        named |= {f"outside.{m}": grads for m, grads in outside.items()}
        parts, extent = _norms(named)
        stds = None if order.noise_scale is None else _deviations(inside, order.noise_scale, extent)
        if order.k is not None:
            multiply([inside.get(m, []) for m in self._all], order.k)
        if stds is not None and inside:
            length, std = add_noise(list(inside.values()), stds, order.generator)
            whole = [[*grads, *outside.get(m, [])] for m, grads in inside.items()]
            squares = norms_of([grad for grads in whole for grad in grads]).square()
            measured = {
                "noise": length,
                "noise_std": tensor_of(std),
                "after": lengths_of(squares, list(map(len, whole))),
            }
            for name, each in measured.items():
                if each is not None:
                    parts |= {f"{name}.{m}": one for m, one in zip(inside, torch.split(each, 1), strict=True)}
        return parts

    def _gradients(self) -> tuple[dict[str, list[Tensor]], dict[str, list[Tensor]]]:
        """By modality, those in scope and the others; where there are any."""
        inside: dict[str, list[Tensor]] = {}
        outside: dict[str, list[Tensor]] = {}
        for m, parameters in self._all.items():
            for p in parameters:
                if p.grad is not None:
                    (inside if self._inside(m, p) else outside).setdefault(m, []).append(_local(p.grad))
        return inside, outside

    def _inside(self, modality: str, parameter: Tensor) -> bool:
        return modality not in self._ids or id(parameter) in self._ids[modality]


def _split(parameter: Tensor) -> bool:
    """As FSDP does it, either kind."""
    return hasattr(parameter, "placements") or hasattr(parameter, "_is_flat_param")


def _copies(parameter: Tensor) -> int:
    placements = getattr(parameter, "placements", ())
    mesh = getattr(parameter, "device_mesh", None)
    return prod(mesh.size(d) for d, place in enumerate(placements) if place.is_replicate()) if mesh else 1


def _local(grad: Tensor) -> Tensor:
    """A gradient; of a parameter that processes share, this process's own part."""
    local: Tensor = grad.to_local() if hasattr(grad, "to_local") else grad
    return local


def _norms(named: Mapping[str, list[Tensor]]) -> tuple[Parts, Extent | None]:
    """Norms [T] of lists of gradients by name; on a CPU with what else follows from one look at all."""
    grads = [grad for each in named.values() for grad in each]
    if not grads:
        return {}, None
    sizes = [len(each) for each in named.values()]
    if grads[0].is_cpu:
        extent = Extent(grads)
        norms = torch.split(vector(list(map(sqrt, extent.squares)), grads[0].dtype), sizes)
        return dict(zip(named, norms, strict=True)), extent
    each = iter(each_norm(grads))
    return {name: tuple(islice(each, size)) for name, size in zip(named, sizes, strict=True)}, None


def _deviations(
    named: Mapping[str, list[Tensor]], scale: float | Tensor, extent: Extent | None
) -> Deviations:
    """Deviations [T] for the noise of lists of gradients, which are the first that `extent` has seen."""
    grads = [grad for each in named.values() for grad in each]
    return tensor_stds(grads, scale, extent.deviations(range(len(grads))) if extent else None)
