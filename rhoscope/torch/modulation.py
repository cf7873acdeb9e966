"""One step's gradients of a network that is not ours: measured, slowed down, made noisy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor, nn

from rhoscope.errors import InvalidInput
from rhoscope.torch.gradients import gradients, in_scope, norm, norms_of
from rhoscope.torch.noise import add_noise, tensor_stds

STRATEGIES = ("watch", "ogm", "ge", "ogm-ge")
BRAKING = ("ogm", "ogm-ge")
ENHANCING = ("ge", "ogm-ge")
Parts = dict[str, Tensor]


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
        parts, logs = {}, []
        for m, parameters in self._all.items():
            trained = [p.detach() for p in parameters if p.grad is not None]
            if not trained:
                logs.append(torch.full((), -torch.inf, dtype=torch.float64, device=self.device))
                continue
            parts[f"weight.{m}"] = norm(trained)[None]
            norms = torch.stack([norm(gradients(parameters)), parts[f"weight.{m}"][0]])
            logs.append(2 * norms.double().log().diff()[0].neg())
        return parts, torch.stack(logs)

    @torch.no_grad()
    def act(self, order: Order) -> Parts:
        """Norms of gradients before, by parameter, and of what was done.

        `norm.{m}` [parameters] of those in scope, `outside.{m}` of the others; `noise.{m}`, `noise_std.{m}`,
        `after.{m}` [1] where noise was added.
        """
        inside, outside = self._gradients()
        stds: dict[str, list[Tensor]] = {}
        if order.noise_scale is not None:
            stds = {m: tensor_stds(grads, order.noise_scale) for m, grads in inside.items()}
        lengths = self._measured(inside, order.k)
        parts = {f"norm.{m}": length for m, length in lengths.items()}
        parts |= {f"outside.{m}": norms_of(grads) for m, grads in outside.items()}
        for m, each in stds.items():
            length, std = add_noise(inside[m], each, order.generator)
            after = norm([*inside[m], *outside.get(m, [])])
            parts |= {f"noise.{m}": length[None], f"noise_std.{m}": std[None], f"after.{m}": after[None]}
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

    def _measured(self, grads: Mapping[str, list[Tensor]], k: Tensor | None) -> dict[str, Tensor]:
        """Norms [parameters] by modality, then each modality's gradients times its k.

        On a GPU in as few kernels as can be; on a CPU one by one, each then still in the cache.
        """
        factors = {m: k[number] for number, m in enumerate(self._all)} if k is not None else {}
        if self.device.type == "cpu":
            return {m: _one_by_one(each, factors.get(m)) for m, each in grads.items()}
        norms = norms_of([grad for each in grads.values() for grad in each])
        for m, each in grads.items():
            if m in factors:
                torch._foreach_mul_(each, factors[m])
        return dict(zip(grads, torch.split(norms, [len(each) for each in grads.values()]), strict=True))

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


def _one_by_one(grads: list[Tensor], k: Tensor | None) -> Tensor:
    norms = []
    idle = k is None or float(k.numpy()) == 1.0  # of a CPU's tensor, without waiting for anything
    for grad in grads:
        norms.append(torch.linalg.vector_norm(grad))
        if not idle and k is not None:
            grad.mul_(k)
    return torch.stack(norms)
