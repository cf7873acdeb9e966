"""The remedy where one modality leads too far."""

import math
from typing import Any

from backend.verdict.history import History, geometric
from backend.verdict.lead import lead, ratios
from backend.verdict.study import brief

KEPT = 0.3
"""Coefficient that a suggested alpha gives at the rho of the run."""
BY_ALPHA = ("ogm", "ogm-ge")
STRONGER = 1.2
ALL = "Try several strategies on this run."


def balance(history: History) -> tuple[str, dict[str, Any]]:
    """In words, and as changes of the run: a strategy that slows the leader, or a stronger one.

    Neither where the run is so short that slowing hardly pays (`backend.verdict.study`).
    """
    if brief(history):
        return ALL, {}
    if history.strategy not in BY_ALPHA:
        return "Slow the leader down with OGM-GE, or try several strategies.", {"strategy": "ogm-ge"}
    leader = lead(history)
    alpha = alpha_for(history, leader.modality) if leader else None
    if alpha is None or not alpha > STRONGER * float(history.settings["alpha"]):
        return f"{history.strategy} does not even it out. {ALL}", {}
    return f"Raise alpha to {alpha:g}: at this rho k is then about {KEPT}.", {"alpha": alpha}


def alpha_for(history: History, modality: str) -> float | None:
    """The alpha with which k is about KEPT at the present rho; None where k does not follow from alpha."""
    alpha, rho = history.settings.get("alpha"), ratios(history).get(modality)
    if not isinstance(alpha, int | float) or rho is None or history.settings.get("k_rule") == "journal":
        return None
    size = geometric(history.late(rho, 0.5))
    return float(f"{math.atanh(1 - KEPT) / max(1.0, size):.2g}") if math.isfinite(size) else None
