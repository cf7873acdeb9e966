"""Golden item `stats`: paired intervals and Holm's correction, through `rhoscope.statistics`."""

import numpy as np
from comparison import Case, Difference, absolute, exact, relative

from rhoscope import statistics

EXACT = 1e-9


def differences(case: Case) -> list[Difference]:
    """Compare the case's intervals, p-values and decisions."""
    return {"interval": _interval, "holm": _holm, "table": _table}[case["kind"]](case)


def _interval(case: Case) -> list[Difference]:
    d, expected = np.array(case["inputs"]["differences"]), case["expected"]
    ours = statistics.paired(d, np.zeros(len(d)))
    assert ours is not None
    compared = [
        relative("mean", ours.mean, expected["mean"], EXACT),
        relative("sd", ours.deviation, expected["sd"], EXACT),
    ]
    if expected["sd"] <= EXACT:
        return compared
    compared.append(relative("p", ours.p, expected["p"], EXACT))
    compared.append(relative("t_interval", [ours.low, ours.high], expected["t_interval"], EXACT))
    slack = (0.05 if len(d) >= 6 else 0.2) * expected["sd"]
    ends = zip(statistics.bca(d), expected["bca_interval"], expected["bca_spread"], strict=True)
    return compared + [
        absolute("bca_interval", end, theirs, 5 * spread + slack) for end, theirs, spread in ends
    ]


def _holm(case: Case) -> list[Difference]:
    ours = statistics.holm([_with(p) for p in case["inputs"]["p"]])
    adjusted = [d.adjusted for d in ours if d is not None]
    below = [d.certain for d in ours if d is not None]
    expected = case["expected"]
    return [
        relative("adjusted", adjusted, expected["adjusted"], EXACT),
        exact("below", below, expected["below_level"]),
    ]


def _with(p: float) -> statistics.Difference:
    return statistics.Difference(np.zeros(3), 0.0, 0.0, "given", p, p)


def _table(case: Case) -> list[Difference]:
    baseline, rows = np.array(case["inputs"]["baseline"]), case["inputs"]["rows"]
    alone = [statistics.paired(np.array(values), baseline) for values in rows.values()]
    together = dict(zip(rows, statistics.holm(alone), strict=True))
    expected, compared = case["expected"], []
    for row, ours in together.items():
        assert ours is not None
        compared.append(relative(f"{row} mean", ours.mean, expected["mean_difference"][row], EXACT))
        compared.append(relative(f"{row} p", ours.p, expected["p"][row], EXACT))
        compared.append(relative(f"{row} adjusted", ours.adjusted, expected["adjusted"][row], EXACT))
        compared.append(exact(f"{row} certain", ours.certain, expected["certain_after_holm"][row]))
    return compared
