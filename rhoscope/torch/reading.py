"""Values of series from one step's raw numbers; worked out where they arrive, not on the device.

Letters: M modalities, P parameters of an encoder.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from rhoscope.series import Series
from rhoscope.torch.balance import RatioRule
from rhoscope.torch.gradients import Part, vector_of
from rhoscope.torch.tally import LOSS, NONE, Tally, looked
from rhoscope.torch.task import Task, by_modality, declared

Parts = Mapping[str, Part]
Values = dict[str, Tensor]
SUMS = "sums."
_NOBODY = {"uniformity": -NONE, "token_log_prob": -NONE, "token_log_prob_without": -NONE}
"""The sign for "no sample" in a series; elsewhere it is `NONE`."""
_GAPS = {"rho", "score", "loss", "accuracy", "recall", *_NOBODY}


def parts_of(tally: Tally) -> dict[str, Tensor]:
    """A tally as parts of a row."""
    sums = {f"{SUMS}{name}": part for name, part in tally.sums.items()}
    if not looked(tally):
        return sums
    if tally.scores is not None:
        return {"scores": tally.scores, **sums}
    return {"masked_logs" if tally.masked else "logs": tally.logs, **sums}


def read(task: Task | None, modalities: tuple[str, ...], rule: RatioRule, given: Parts) -> Values:
    """Values by series, 0-D tensors, of a step's parts, whose names are `parts_of` a tally's and these.

    `k`, `rho` [M]; `norm.{m}`, `outside.{m}` [P], gradients in scope and others; `noise.{m}`,
    `noise_std.{m}`, `after.{m}`, `weight.{m}`, `moved.{m}`, `length.{m}` [1]; `scale` [1], the loss's, where
    gradients still had it; `left_out` [1], not 0 where the optimizer took no step.
    """
    parts = {name: vector_of(part) for name, part in given.items()}
    values: Values = {}
    masked = "masked_logs" in parts
    rho = parts.get("rho")
    if task and (masked or "logs" in parts or "scores" in parts):
        sums = {n.removeprefix(SUMS): p for n, p in parts.items() if n.startswith(SUMS)}
        scores = parts.get("scores")
        logs = parts["masked_logs" if masked else "logs"] if scores is None else scores.new_empty(0)
        tally = Tally(logs, sums, masked, scores)
        rho = task.ratios(tally, rule) if rho is None else rho
        values |= task.values(modalities, tally)
    if rho is not None:
        values |= by_modality(modalities, {"rho": rho})
    if (loss := parts.get(SUMS + LOSS)) is not None:
        values["loss"] = (loss[0] / loss[1]).to(torch.float32)
    return values | _of_gradients(modalities, parts)


def _of_gradients(modalities: tuple[str, ...], parts: Mapping[str, Tensor]) -> Values:
    values: Values = {}
    scale = parts["scale"][0] if "scale" in parts else 1.0
    for number, m in enumerate(modalities):
        inside, outside = (_length(parts.get(f"{name}.{m}")) for name in ("norm", "outside"))
        if inside is None and outside is None:
            continue
        before = _hypot(inside, outside)
        k = parts["k"][number] if "k" in parts else None
        slowed = inside if inside is None or k is None or "on_update" in parts else inside * k
        after = parts[f"after.{m}"][0] if f"after.{m}" in parts else _hypot(slowed, outside)
        values |= {f"grad_norm.{m}": before / scale, f"grad_norm_modulated.{m}": after / scale}
        values[f"k.{m}"] = torch.ones_like(before) if k is None else k
        if f"weight.{m}" in parts:
            values[f"learning_speed.{m}"] = (before / scale / parts[f"weight.{m}"][0]).square()
        if f"noise.{m}" in parts:
            values |= {f"{n}.{m}": parts[f"{n}.{m}"][0] / scale for n in ("noise", "noise_std")}
    for m in modalities:
        if f"moved.{m}" in parts:
            length = parts[f"length.{m}"][0]
            values[f"effective_step.{m}"] = parts[f"moved.{m}"][0] / length.clamp_min(1e-38)
    return {name: value.to(torch.float32) for name, value in values.items()}


def known(values: Values, parts: Mapping[str, Tensor]) -> dict[str, float]:
    """Plain numbers, without those that stand for "no sample"; none of a step that the optimizer left out."""
    if "left_out" in parts and parts["left_out"].item():
        return {}
    plain = {name: value.item() for name, value in values.items()}
    return {n: v for n, v in plain.items() if not _gap(n.split(".")[0], v)}


def _gap(stem: str, value: float) -> bool:
    return stem in _GAPS and value == _NOBODY.get(stem, NONE)


def _length(norms: Tensor | None) -> Tensor | None:
    return None if norms is None else torch.linalg.vector_norm(norms)


def _hypot(one: Tensor | None, other: Tensor | None) -> Tensor:
    both = [part for part in (one, other) if part is not None]
    return both[0] if len(both) == 1 else torch.linalg.vector_norm(torch.stack(both))


def series_of_gradients() -> list[Series]:
    """Declarations of what every kind of task may have."""
    return [
        declared(
            "k.{m}",
            "Coefficient k",
            "g_u ← k_u · g_u",
            "Factor of this encoder's gradient: 1 leaves it. "
            "With apply_to 'update' the factor of its weights' update.",
            reference=1.0,
        ),
        declared(
            "grad_norm.{m}",
            "Gradient norm before and after modulation",
            "‖g_u‖₂",
            "Before modulation.",
            scale="log",
            role="before",
        ),
        declared(
            "grad_norm_modulated.{m}",
            "Gradient norm after modulation",
            "‖k_u · g_u + h_u‖₂",
            "After the coefficient and any noise.",
            scale="log",
            role="after",
            chart="grad_norm",
        ),
        declared("noise.{m}", "Added noise", "‖h_u‖₂", "Norm of the noise added to the encoder's gradient."),
        declared(
            "noise_std.{m}", "Standard deviation of the added noise", "σ_u", "Root mean square over entries."
        ),
        declared(
            "effective_step.{m}",
            "Effective step",
            "‖θ_u(t+1) − θ_u(t)‖₂ / ‖θ_u(t)‖₂",
            "How far the encoder's trained weights moved, relative to their own length: what the optimizer "
            "made of the gradient. Adam divides by the gradient's own size, and so undoes a constant k.",
            scale="log",
        ),
        declared(
            "learning_speed.{m}",
            "Learning speed",
            "‖g_u‖² / ‖θ_u‖²",
            "Squared gradient of the encoder, relative to its weights.",
            scale="log",
        ),
        declared(
            "loss", "Loss", "as the program computed it", "The network's own loss, where it was observed."
        ),
    ]
