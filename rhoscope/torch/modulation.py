"""One step's gradients of a network that is not ours: measured, slowed down, made noisy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rhoscope.torch.coefficients import Rule, coefficients
from rhoscope.torch.gradients import gradients, in_scope, norm, norms_of
from rhoscope.torch.noise import draw, tensor_std

STRATEGIES = ("watch", "ogm", "ge", "ogm-ge")
Values = dict[str, Tensor]


@dataclass
class Order:
    """The work of a strategy on one step."""

    strategy: str
    alpha: float | Tensor
    rule: Rule
    noise_scale: float

    @property
    def brakes(self) -> bool:
        """Whether gradients are multiplied by k."""
        return self.strategy in ("ogm", "ogm-ge")

    @property
    def enhances(self) -> bool:
        """Whether noise is added."""
        return self.strategy in ("ge", "ogm-ge")


class Modulator:
    """Acts on `.grad` of encoders' parameters; those that are frozen or have none are left out."""

    def __init__(
        self, parameters: Mapping[str, Sequence[Tensor]], modules: Mapping[str, nn.Module], scope: str
    ) -> None:
        self._all = parameters
        chosen = {m: set(map(id, in_scope(module, scope))) for m, module in modules.items()}
        self._scoped = {
            m: [p for p in each if m not in chosen or id(p) in chosen[m]] for m, each in parameters.items()
        }

    @torch.no_grad()
    def act(
        self, order: Order, rho: Values, scale: Tensor | None, generator: torch.Generator | None
    ) -> tuple[Values, Values]:
        """Coefficients by modality, and this step's values. `scale`: of the loss, where it is still in."""
        norms = {m: norms_of(grads) for m, each in self._all.items() if (grads := gradients(each))}
        values = {f"grad_norm.{m}": torch.linalg.vector_norm(each) for m, each in norms.items()}
        scoped = {m: [p for p in self._scoped[m] if p.grad is not None] for m in norms}
        strengths = self._strengths(order, scoped) if order.enhances else {}
        k = (
            coefficients(rho, order.alpha, order.rule)
            if order.brakes
            else {m: torch.ones_like(r) for m, r in rho.items()}
        )
        if order.brakes:
            for m, each in scoped.items():
                if each:
                    torch._foreach_mul_(gradients(each), k[m])
        for m, strength in strengths.items():
            noise, std = draw(strength, scoped[m], generator)
            torch._foreach_add_(gradients(scoped[m]), noise)
            values |= {f"noise.{m}": norm(noise), f"noise_std.{m}": std}
        after = {m: self._after(m, each, k[m], noisy=m in strengths) for m, each in norms.items()}
        values |= {f"grad_norm_modulated.{m}": value for m, value in after.items()}
        if scale is not None:
            values = {name: value / scale for name, value in values.items()}
        return k, values

    @staticmethod
    def _strengths(order: Order, scoped: Mapping[str, Sequence[Tensor]]) -> dict[str, list[Tensor]]:
        stds = {m: [tensor_std(grad) for grad in gradients(each)] for m, each in scoped.items() if each}
        for each in stds.values():
            torch._foreach_mul_(each, order.noise_scale)
        return stds

    def _after(self, modality: str, norms: Tensor, k: Tensor, *, noisy: bool) -> Tensor:
        """The norm after modulation: from the parts' norms, unless noise was added."""
        if noisy:
            return norm(gradients(self._all[modality]))
        scoped = set(map(id, self._scoped[modality]))
        having = [p for p in self._all[modality] if p.grad is not None]
        inside = [id(p) in scoped for p in having]
        if not all(inside):
            chosen = torch.tensor(inside).to(norms.device, non_blocking=True)
            k = torch.where(chosen, k, torch.ones_like(k))
        length: Tensor = torch.linalg.vector_norm(norms * k)
        return length
