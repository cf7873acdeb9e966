"""Adaptive gradient modulation. Letters: M modalities, N samples, C classes."""

import math
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from rhoscope.series import Series
from rhoscope.settings import setting
from rhoscope.torch.gradients import gradients, norm
from trainer.measures.responses import fused_without, responses, shapley
from trainer.model import Model, Output
from trainer.modulation import WindowSettings, within
from trainer.precision import at_least_single
from trainer.replicas import ALONE, Replicas
from trainer.strategy import Step, Strategy

MOST_EXPONENT = 700.0
"""Bound on the logarithm of a lead, whose exponential is then finite in double precision."""

SERIES = (
    Series(
        name="response.{m}",
        title="Score of the modality's own response",
        unit="nats",
        formula="s_u = 1/N Σᵢ log softmax(φ_u,ᵢ)[yᵢ], φ_u the Shapley value of u for the fused logits",
        help="Mean log-probability that the modality's share of the fused logits assigns to the "
        "right class; nearer to 0 is better.",
        reduce="mean",
    ),
    Series(
        name="lead.{m}",
        title="Lead and its running target",
        unit="1",
        formula="r_u = exp(mean over v ≠ u of s_u − s_v)",
        help="Above 1 the modality's response is better than the others'. Its gradient is braked while this "
        "is above the target, and strengthened while below.",
        scale="log",
        reference=1.0,
    ),
    Series(
        name="lead_target.{m}",
        role="target",
        title="Running target of the lead",
        unit="1",
        formula="τ_u = exp(mean over v ≠ u of S_u − S_v), S the mean of s over all earlier steps",
        help="What this step's lead is compared with: the lead by the scores' means over the steps before.",
        chart="lead",
        scale="log",
    ),
    Series(
        name="agm_norm",
        title="Norm of all gradients together",
        unit="1",
        formula="‖g‖₂ over all parameters of the network, after k",
        help="Norm before clipping; where the head's gradient is steep it is shortened to 1.",
        scale="log",
    ),
    Series(
        name="agm_clip_factor",
        title="Factor of clipping",
        unit="1",
        formula="1 / (‖g‖₂ + 10⁻⁶) where an entry of the head's weight gradient is beyond ±1, else 1",
        help="Factor by which all gradients were shortened in this step, after k; 1: nothing was clipped.",
        reference=1.0,
    ),
)


class AGMSettings(WindowSettings):
    """Settings of AGM."""

    agm_alpha: float = setting(
        1.0,
        "Strength of the modulation: how much a lead is reduced and a lag amplified; 0: joint training.",
        live=True,
        ge=0,
        le=100,
    )
    agm_bound: float | None = setting(
        10.0,
        "Greatest τ − r, which bounds k at exp(α · bound). The official code has 10 on CREMA-D, 7 on "
        "UR-FUNNY (three modalities), and none on its other data sets: leave it empty.",
        live=True,
        ge=0,
        le=1000,
    )
    agm_least_probability: float = setting(
        1e-8,
        "A probability of the right class below this counts as this in the scores. The official code has "
        "1e-8 with two modalities and 0, no limit, with three.",
        live=True,
        ge=0,
        lt=1,
    )
    agm_clip: bool = setting(
        True,
        "Shorten all gradients together to norm 1 in steps in which the gradient of one of the head's "
        "weights is beyond ±1, as in the official code.",
        live=True,
    )


class AGM(Strategy):
    """Multiplies the gradient that reaches each modality's response by k = exp(α min(τ − r, bound)).

    r is its lead, τ its usual one, by the steps before. A response is the modality's Shapley share of the
    fused logits: the network sees all inputs in training mode and every smaller choice of modalities, the
    others' inputs as zeros, in evaluation mode. All that a response depends on is scaled: encoders, the
    head's share, biases, normalization. k may be above 1, and the last one stays in force after the window.
    M modalities cost 2^M − 1 passes through the fusion and three through each encoder. Several processes
    that share a batch average the scores before k, and what k adds to the gradients.
    """

    title: ClassVar[str] = "AGM"
    paper: ClassVar[str] = (
        "Li et al., ICCV 2023, Boosting Multi-modal Model Performance with Adaptive Gradient Modulation"
    )
    fidelity: ClassVar[str] = (
        "Equal to the published code (github.com/lihong2303/AGM_ICCV2023, commit 5a65542), checked by "
        "tests/golden/agm_target.py and tests/golden/agm_step.py. With fusions it does not have, every "
        "weight matrix of the fusion counts as the head's, and a fusion's own loss is not scaled."
    )
    requires: ClassVar[tuple[str, ...]] = ("late",)
    replicated: ClassVar[bool] = True
    Settings = AGMSettings
    series: ClassVar[tuple[Series, ...]] = (*Strategy.series, *SERIES)
    settings: AGMSettings
    mean_nll: Tensor
    steps: Tensor
    last: Tensor

    def __init__(self, model: Model, settings: AGMSettings) -> None:
        super().__init__(model, settings)
        count = len(model.modalities)
        self.register_buffer("mean_nll", torch.zeros(count, dtype=torch.float64))
        self.register_buffer("steps", torch.zeros((), dtype=torch.float64))
        self.register_buffer("last", torch.ones(count, dtype=torch.float64))

    def loss(self, step: Step, output: Output) -> Tensor:
        loss = step.model.fusion.task_loss(output.logits, step.target)
        step.terms["logits"] = output.logits.detach()
        own = step.model.fusion.own_loss(output.features, step.target)
        if own is None:
            return loss
        step.terms["own"] = own
        return loss + own

    def backward(self, step: Step, loss: Tensor) -> None:
        """The plain gradient, that of k = 1: what passes with absent modalities add cancels out then."""
        step.precision.scale(loss).backward(retain_graph="own" in step.terms)  # type: ignore[no-untyped-call]

    def modulate(self, step: Step) -> dict[str, Tensor] | None:
        if step.replicas.size > 1:  # the smaller choices are seen with the whole batch's running statistics
            step.replicas.average(b for b in step.model.buffers() if b.is_floating_point())
        fused = {frozenset(self.modalities): step.terms["logits"]} | fused_without(
            step.model, step.inputs, step.precision
        )
        shares = responses({s: z.detach().to(self.last.dtype) for s, z in fused.items()}, self.modalities)
        inside = within(self.settings, step)
        leads = self.leads(shares, step.target, inside=inside, replicas=step.replicas)
        for name, values in (("response", -leads.nll), ("lead", leads.lead), ("lead_target", leads.target)):
            step.emit(name, self._by_modality(values))
        k = leads.k.clamp_max(torch.finfo(torch.float32).max)  # none is infinite as a gradient's factor
        self._weigh(step, fused, k)
        self._clip(step)
        return self._by_modality(k)

    @torch.no_grad()
    def leads(
        self, shares: Mapping[str, Tensor], target: Tensor, *, inside: bool, replicas: Replicas = ALONE
    ) -> "Leads":
        """This step's coefficients from the responses [N, C] by modality, and the running means after it.

        `inside`: whether the window holds the step; `replicas`: who has the batch's other examples.
        """
        chosen, settings = target.unsqueeze(1), self.settings
        logits = torch.stack(list(shares.values())).to(self.last.dtype)  # [M, N, C]
        log_p = logits.log_softmax(-1).gather(-1, chosen.expand(len(shares), -1, -1)).squeeze(-1)
        least = settings.agm_least_probability
        nll = -(log_p.clamp_min(math.log(least)) if least else log_p).mean(1)
        replicas.average([nll])
        lead, usual = _lead(nll), _lead(self.mean_nll)
        distance = usual - lead
        if settings.agm_bound is not None:
            distance = distance.clamp_max(settings.agm_bound)
        log_k = settings.agm_alpha * distance
        if inside:
            self.last.copy_(log_k.exp())
        self.mean_nll.copy_((self.mean_nll * self.steps + nll) / (self.steps + 1))
        self.steps += 1
        return Leads(nll, lead, usual, log_k, self.last.clone())

    def _weigh(self, step: Step, fused: Mapping[frozenset[str], Tensor], k: Tensor) -> None:
        """Turn the plain gradient into that of the responses scaled by `k` [M]."""
        shares = {there: (k * k.new_tensor(w)).sum() for there, w in shapley(self.modalities).items()}
        whole = shares.pop(frozenset(self.modalities))
        parameters = [p for p in step.model.parameters() if p.grad is not None]
        own = step.terms.get("own")
        extra = [] if own is None else [(1 - whole).to(own.dtype) * own]
        if shares:
            logits = at_least_single(step.terms["logits"]).requires_grad_()
            (slope,) = torch.autograd.grad(step.model.fusion.task_loss(logits, step.target), logits)
            weighed = {there: share.to(slope.dtype) * slope for there, share in shares.items()}
            extra += [(w * at_least_single(fused[there])).sum() for there, w in weighed.items()]
        added = _gradients(step, extra, parameters)
        with torch.no_grad():
            torch._foreach_mul_(gradients(parameters), whole.to(parameters[0].dtype))
            if added:
                torch._foreach_add_(gradients(parameters), added)

    @torch.no_grad()
    def _clip(self, step: Step) -> None:
        every = gradients(step.model.parameters())
        length = norm(every)
        steep = [
            p.grad.abs().amax() for p in step.model.fusion.parameters() if p.grad is not None and p.ndim > 1
        ]
        beyond = torch.stack(steep).amax() > 1 if steep else length.new_zeros((), dtype=torch.bool)
        factor = torch.where(beyond, 1 / (length + 1e-6), torch.ones_like(length))
        step.emit("agm_norm", length)
        if not self.settings.agm_clip:
            factor = torch.ones_like(length)
        step.emit("agm_clip_factor", factor)
        torch._foreach_mul_(every, factor)

    def _by_modality(self, values: Tensor) -> dict[str, Tensor]:
        return dict(zip(self.modalities, values.unbind(), strict=True))


class Leads(NamedTuple):
    """One step's figures, each [M] in double precision; `nll` in nats, `k` the one in force."""

    nll: Tensor
    lead: Tensor
    target: Tensor
    log_k: Tensor
    k: Tensor


def _lead(nll: Tensor) -> Tensor:
    """exp(mean over the others v of nll_v − nll_u) [M]; 1 for a modality alone."""
    if len(nll) == 1:
        return torch.ones_like(nll)
    return ((nll.sum() - nll) / (len(nll) - 1) - nll).clamp(-MOST_EXPONENT, MOST_EXPONENT).exp()


def _gradients(step: Step, terms: list[Tensor], parameters: list[nn.Parameter]) -> list[Tensor]:
    """True gradients of the terms' sum; zeros where half precision can't hold them, none without terms."""
    if not terms:
        return []
    total = step.precision.scale(torch.stack(terms).sum())
    scaled = list(torch.autograd.grad(total, parameters, materialize_grads=True))
    step.replicas.average(scaled)
    finite = norm(scaled).isfinite()
    true = [torch.where(finite, g, torch.zeros_like(g)) for g in scaled]
    torch._foreach_mul_(true, step.precision.inverse_scale())
    return true
