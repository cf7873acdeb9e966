"""One step's gradients of a network that is not ours: measured, slowed down, made noisy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from rhoscope.torch.gradients import in_scope
from rhoscope.torch.noise import add_noise, tensor_std

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
        self._ids = {m: set(map(id, in_scope(module, scope))) for m, module in modules.items()}

    @property
    def device(self) -> torch.device:
        """Where the encoders are."""
        return next(p.device for each in self._all.values() for p in each)

    def scoped(self, modality: str) -> list[Tensor]:
        """Parameters that may be modulated."""
        return [p for p in self._all[modality] if self._inside(modality, p)]

    def speeds(self) -> tuple[Parts, Tensor]:
        """Norms of each encoder's trained weights, and logarithms of learning speeds ‖g‖² / ‖θ‖², [M]."""
        parts, logs = {}, []
        for m, parameters in self._all.items():
            trained = [p.detach() for p in parameters if p.grad is not None]
            if not trained:
                logs.append(torch.full((), -torch.inf, dtype=torch.float64, device=parameters[0].device))
                continue
            parts[f"weight.{m}"] = torch.linalg.vector_norm(_vector(torch._foreach_norm(trained)))[None]  # noqa: SLF001
            own = torch._foreach_norm([p.grad for p in parameters if p.grad is not None])  # noqa: SLF001
            norms = torch.stack([torch.linalg.vector_norm(_vector(own)), parts[f"weight.{m}"][0]])
            logs.append(2 * norms.double().log().diff()[0].neg())
        return parts, torch.stack(logs)

    @torch.no_grad()
    def act(self, order: Order) -> Parts:
        """Norms of gradients before, by parameter, and of what was done.

        `norm.{m}` [parameters], `scoped.{m}` the same of those in scope; `noise.{m}`, `noise_std.{m}`,
        `after.{m}` [1] where noise was added.
        """
        parts: Parts = {}
        for number, (m, parameters) in enumerate(self._all.items()):
            having = [p for p in parameters if p.grad is not None]
            if having:
                k = None if order.k is None else order.k[number]
                parts |= self._modality(m, having, k, order)
        return parts

    def _modality(self, m: str, having: list[Tensor], k: Tensor | None, order: Order) -> Parts:
        inside = [p for p in having if self._inside(m, p)]
        outside = [p for p in having if not self._inside(m, p)]
        parts: Parts = {}
        if outside:
            parts[f"outside.{m}"] = _vector(torch._foreach_norm(_local(outside)))  # noqa: SLF001
        norms: list[Tensor] = []
        stds: list[Tensor] = []
        idle = k is None or _is_one(k)
        for chunk in _chunks(_local(inside)):
            norms += torch._foreach_norm(chunk)  # noqa: SLF001
            if order.noise_scale is not None:
                stds += [tensor_std(grad) * order.noise_scale for grad in chunk]
            if not idle and k is not None:
                torch._foreach_mul_(chunk, k)
        if norms:
            parts[f"norm.{m}"] = _vector(norms)
        if stds:
            grads = _local(inside)
            length, std = add_noise(grads, stds, order.generator)
            after = torch.linalg.vector_norm(_vector(torch._foreach_norm(_local(having))))  # noqa: SLF001
            parts |= {f"noise.{m}": length[None], f"noise_std.{m}": std[None], f"after.{m}": after[None]}
        return parts

    def _inside(self, modality: str, parameter: Tensor) -> bool:
        return modality not in self._ids or id(parameter) in self._ids[modality]


def _split(parameter: Tensor) -> bool:
    """As FSDP does it, either kind."""
    return hasattr(parameter, "placements") or hasattr(parameter, "_is_flat_param")


def _local(parameters: Sequence[Tensor]) -> list[Tensor]:
    """Gradients; of a parameter that processes share, this process's own part."""
    grads = [p.grad for p in parameters if p.grad is not None]
    return [grad.to_local() if hasattr(grad, "to_local") else grad for grad in grads]


def _chunks(grads: list[Tensor]) -> Iterator[list[Tensor]]:
    """All at once on a GPU; one after the other on a CPU, where a tensor is then still in the cache."""
    if grads and grads[0].device.type == "cpu":
        yield from ([grad] for grad in grads)
    elif grads:
        yield grads


def _is_one(k: Tensor) -> bool:
    """Whether multiplying changes nothing, where knowing that costs no wait."""
    return k.device.type == "cpu" and float(k.numpy()) == 1.0


def _vector(norms: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(norms))
