"""Prediction of the gain of balancing from a joint run's first third.

Cells share their setting's joint runs, so that intervals and p come from drawing settings, not cells. Nothing
is judged on the data set that its direction was learned on. Letters: N cells, Q quantities, S settings.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rhoscope.errors import InvalidInput
from rhoscope.statistics import LEVEL, adjusted

Floats = NDArray[np.float64]
FIRST = 1 / 3
"""Share of a joint run that is looked at."""
FEWEST_SETS = 2
DRAWS = 499
FEWEST_OF_A_KIND = 2
"""Cells that gain, and that don't, below which a data set has no AUC."""
RIDGE = 1.0
TOGETHER = "all together"
SERIES = ("rho.{m}", "gap.{m}", "shortfall.{m}", "grad_norm.{m}", "probe.accuracy.{m}", "val.accuracy.{m}")
"""Series that the quantities are made of."""
MEANINGS = {
    "rho": "mean of log ρ of the leader, the modality with the largest",
    "trend": "slope of the leader's log ρ over the first third",
    "leader's gap": "generalization gap of the leader, last value",
    "behind alone": "largest shortfall of a branch against its modality alone, last value",
    "gradient ratio": "log of the leader's mean gradient norm over the smallest of the others'",
    "probe gap": "largest difference between a branch's probe and its own validation accuracy, last value",
    TOGETHER: "ridge regression on all of them that every cell has",
}


@dataclass(frozen=True)
class Case:
    """One cell: a strategy in a setting, what its joint runs showed early, and what it gained."""

    dataset: str
    setting: str
    strategy: str
    quantities: Mapping[str, float]
    gain: float
    pairs: int


@dataclass(frozen=True)
class Figure:
    """A mean over the data sets left out, with its 95 % interval and each data set's own value.

    The ends are NaN where nothing is known of the interval.
    """

    mean: float
    low: float
    high: float
    each: Mapping[str, float]


@dataclass(frozen=True)
class Finding:
    """A quantity's power to order the cells of a data set that it was not fitted on.

    `p` is that of so large a correlation by chance, one-sided, from exchanging settings within data sets.
    """

    quantity: str
    cells: int
    correlation: Figure
    auc: Figure
    p: float
    p_holm: float

    @property
    def certain(self) -> bool:
        """Whether it survives the correction for all quantities."""
        return self.p_holm < LEVEL


def early(curves: Mapping[str, Floats], modalities: Sequence[str]) -> dict[str, float]:
    """The quantities of one joint run that its curves, means of equal stretches of steps, allow.

    A value at the very end of the first third stands in the stretch behind it, and counts.
    """
    seen = {name: values[: math.ceil(len(values) * FIRST) + 1] for name, values in curves.items()}
    logs = {m: np.log(seen[f"rho.{m}"]) for m in modalities if f"rho.{m}" in seen}
    if len(logs) < 2:
        return {}
    leader = max(logs, key=lambda m: float(np.nanmean(logs[m])))
    values = {
        "rho": float(np.nanmean(logs[leader])),
        "trend": _slope(logs[leader]),
        "leader's gap": _last(seen.get(f"gap.{leader}")),
        "behind alone": _largest(_last(seen.get(f"shortfall.{m}")) for m in modalities),
        "gradient ratio": _gradients(seen, leader, modalities),
        "probe gap": _largest(
            _last(seen.get(f"probe.accuracy.{m}")) - _last(seen.get(f"val.accuracy.{m}")) for m in modalities
        ),
    }
    return {name: value for name, value in values.items() if np.isfinite(value)}


def predict(cases: Sequence[Case], draws: int = DRAWS) -> list[Finding]:
    """Every quantity's finding, and that of all together.

    Raises:
        InvalidInput: when there are fewer than two data sets to leave one out of.
    """
    names = sorted({case.dataset for case in cases})
    if len(names) < FEWEST_SETS:
        raise InvalidInput(
            f"Prediction leaves one data set out, so it takes cells of at least {FEWEST_SETS} data sets with "
            f"three common seeds; found {len(names)}."
        )
    quantities = [q for q in MEANINGS if any(q in case.quantities for case in cases)]
    complete = [q for q in quantities if all(q in case.quantities for case in cases)]
    judged = [_judge(q, [case for case in cases if q in case.quantities], (q,), draws) for q in quantities]
    if len(complete) > 1:
        judged.append(_judge(TOGETHER, cases, complete, draws))
    return _corrected([one for one in judged if one is not None])


def by_strategy(cases: Sequence[Case], draws: int = DRAWS) -> dict[str, list[Finding]]:
    """The findings on each strategy's cells alone, corrected for all of them together."""
    findings = {}
    for strategy in sorted({case.strategy for case in cases}):
        own = [case for case in cases if case.strategy == strategy]
        if len({case.dataset for case in own}) >= FEWEST_SETS:
            findings[strategy] = predict(own, draws)
    corrected = iter(_corrected([one for each in findings.values() for one in each]))
    return {strategy: [next(corrected) for _ in each] for strategy, each in findings.items()}


def _corrected(findings: Sequence[Finding]) -> list[Finding]:
    """With p after Holm's correction for all of them."""
    return [
        replace(one, p_holm=p) for one, p in zip(findings, adjusted([one.p for one in findings]), strict=True)
    ]


@dataclass(frozen=True)
class _Table:
    x: Floats  # [N, Q]
    gain: Floats  # [N]
    dataset: NDArray[np.int64]  # [N]
    setting: NDArray[np.int64]  # [N]
    names: tuple[str, ...]


def _judge(quantity: str, cases: Sequence[Case], columns: Sequence[str], draws: int) -> Finding | None:
    table = _table(cases, columns)
    if len(table.names) < FEWEST_SETS:
        return None
    scores = _left_out(table)
    correlation, auc = _by_set(table, scores, _rank_correlation), _by_set(table, scores, _auc)
    if not np.isfinite(list(correlation.values())).any():
        return None
    dice = np.random.default_rng(0)
    alone = len(columns) == 1  # a fit of several is worse on settings drawn twice, and its mean then too
    again = [_means(_resampled(table, dice)) for _ in range(draws if alone else 0)]
    chance = [_correlation(_exchanged(table, dice)) for _ in range(draws)]
    reached = _mean(correlation)
    at_least = sum(value >= reached - 1e-12 for value in chance if np.isfinite(value))
    p = (1 + at_least) / (1 + draws)
    return Finding(
        quantity,
        len(cases),
        _figure(correlation, [pair[0] for pair in again]),
        _figure(auc, [pair[1] for pair in again]),
        p,
        p,
    )


def _figure(each: Mapping[str, float], drawn: Sequence[float]) -> Figure:
    mean, known = _mean(each), np.array([value for value in drawn if np.isfinite(value)])
    if not len(known) or math.isnan(mean):
        return Figure(mean, math.nan, math.nan, dict(each))
    low, high = np.quantile(known, [LEVEL / 2, 1 - LEVEL / 2])
    return Figure(mean, float(low), float(high), dict(each))


def _means(table: _Table) -> tuple[float, float]:
    scores = _left_out(table)
    return _mean(_by_set(table, scores, _rank_correlation)), _mean(_by_set(table, scores, _auc))


def _correlation(table: _Table) -> float:
    return _mean(_by_set(table, _left_out(table), _rank_correlation))


def _mean(each: Mapping[str, float]) -> float:
    known = [value for value in each.values() if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _left_out(table: _Table) -> Floats:
    """Predictions [N]: each data set's from a fit on the others."""
    scores = np.zeros(len(table.gain))
    for number in range(len(table.names)):
        inside = table.dataset == number
        x, mean = table.x[~inside], table.x[~inside].mean(0)
        spread = x.std(0)
        scale = np.where(spread > 0, spread, 1.0)
        level = (x - mean) / scale
        gain = table.gain[~inside] - table.gain[~inside].mean()
        weights = np.linalg.solve(level.T @ level + RIDGE * np.eye(level.shape[1]), level.T @ gain)
        scores[inside] = ((table.x[inside] - mean) / scale) @ weights
    return scores


def _by_set(table: _Table, scores: Floats, figure: Callable[[Floats, Floats], float]) -> dict[str, float]:
    places = {name: table.dataset == number for number, name in enumerate(table.names)}
    return {name: figure(scores[inside], table.gain[inside]) for name, inside in places.items()}


def _rank_correlation(scores: Floats, gain: Floats) -> float:
    ranks = [_ranks(values) for values in (scores, gain)]
    a, b = (one - one.mean() for one in ranks)
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length else float("nan")


def _auc(scores: Floats, gain: Floats) -> float:
    """Share of pairs in which a cell that gains scores more than one that does not; ties count half."""
    helps = gain > 0
    many, few = int(helps.sum()), int((~helps).sum())
    if min(many, few) < FEWEST_OF_A_KIND:
        return float("nan")
    return float((_ranks(scores)[helps].sum() - many * (many + 1) / 2) / (many * few))


def _ranks(values: Floats) -> Floats:
    """From 1; ties, up to rounding, share their mean."""
    _, place, counts = np.unique(np.round(values, 12), return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks


def _table(cases: Sequence[Case], columns: Sequence[str]) -> _Table:
    names = sorted({case.dataset for case in cases})
    settings = sorted({(case.dataset, case.setting) for case in cases})
    return _Table(
        np.array([[case.quantities[name] for name in columns] for case in cases], float),
        np.array([case.gain for case in cases], float),
        np.array([names.index(case.dataset) for case in cases]),
        np.array([settings.index((case.dataset, case.setting)) for case in cases]),
        tuple(names),
    )


def _resampled(table: _Table, dice: np.random.Generator) -> _Table:
    """As many settings of each data set, drawn with replacement, with all their cells."""
    rows: list[NDArray[np.int64]] = []
    for number in range(len(table.names)):
        there = np.unique(table.setting[table.dataset == number])
        rows += [np.flatnonzero(table.setting == one) for one in dice.choice(there, len(there))]
    kept = np.concatenate(rows)
    return _Table(table.x[kept], table.gain[kept], table.dataset[kept], table.setting[kept], table.names)


def _exchanged(table: _Table, dice: np.random.Generator) -> _Table:
    """The same cells with each setting's quantities given to another one of its data set."""
    x = table.x.copy()
    for number in range(len(table.names)):
        there = np.unique(table.setting[table.dataset == number])
        for to, of in zip(there, dice.permutation(there), strict=True):
            x[table.setting == to] = table.x[table.setting == of][0]
    return _Table(x, table.gain, table.dataset, table.setting, table.names)


def _slope(values: Floats) -> float:
    """Least squares, over the whole of the values."""
    at = np.linspace(0, 1, len(values))
    known = np.isfinite(values)
    return float(np.polyfit(at[known], values[known], 1)[0]) if known.sum() > 1 else float("nan")


def _last(values: Floats | None) -> float:
    known = values[np.isfinite(values)] if values is not None else np.zeros(0)
    return float(known[-1]) if len(known) else float("nan")


def _largest(values: Iterable[float]) -> float:
    return max((value for value in values if np.isfinite(value)), default=float("nan"))


def _gradients(seen: Mapping[str, Floats], leader: str, modalities: Sequence[str]) -> float:
    norms = {m: float(np.nanmean(seen[f"grad_norm.{m}"])) for m in modalities if f"grad_norm.{m}" in seen}
    others = [norm for m, norm in norms.items() if m != leader]
    if leader not in norms or not others or min(*others, norms[leader]) <= 0:
        return float("nan")
    return float(np.log(norms[leader] / min(others)))
