"""A branch that has stopped while the network fits its data: what is fitted gives it little gradient."""

from dataclasses import dataclass

from backend.verdict.history import SHORT, History, mean

FITTED = 0.9
HALF = 0.6
FLAT = 0.05


@dataclass(frozen=True)
class Stopped:
    """The weakest branch, how often it is right on its training batches, and how often the network is."""

    modality: str
    reached: float
    fits: float


def stopped(history: History) -> Stopped | None:
    """The weakest branch, if it has stopped far below the best one, and above what guessing reaches."""
    fused, branches = history.of("accuracy"), history.each("accuracy")
    if fused is None or len(branches) < 2 or history.steps < SHORT:
        return None
    fits = mean(history.late(fused))
    now = {m: mean(history.late(curve)) for m, curve in branches.items()}
    weak = min(now, key=lambda m: now[m])
    late = history.late(branches[weak], 0.5)
    flat = now[weak] - mean(late.part(0, max(1, len(late) // 2))) < FLAT
    validated = history.of(f"val.accuracy.{weak}")
    knows = mean(history.late(validated)) if validated is not None else now[weak]
    guesses = knows < (history.majority or 0.0) + FLAT
    if not (fits >= FITTED and now[weak] < HALF * max(now.values()) and flat) or guesses:
        return None
    return Stopped(weak, now[weak], fits)
