"""How often a verdict is wrong on the runs of `docs/results/`.

    PYTHONPATH=tests/driving:. python docs/results/verdicts/count.py FOLDER [--out report.md]

FOLDER is the one that `docs/results/train.py` left its runs in, each with a recording of what a verdict
reads. Whether a diagnosis is right is decided by what it does not read: the test split, the modalities
trained alone on the same data with the same seed, and the run's settings.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kept import recalled

from backend.verdict.history import History, mean
from backend.verdict.verdict import diagnoses, judge

REPORT = Path(__file__).with_name("report.md")
POINTS = 0.1
GAP = 0.12
MODULATES = ("ogm", "ogm-ge", "agm")


@dataclass(frozen=True)
class Recording:
    """A run: its data set, its row in the tables, and its history."""

    dataset: str
    row: str
    history: History

    @property
    def data(self) -> tuple[str, object, object]:
        """Runs that agree in this were trained on the same examples in the same order."""
        settings = self.history.settings
        return self.dataset, settings.get("shortcut"), settings.get("seed")


@dataclass(frozen=True)
class Reading:
    """One run, the diagnoses that spoke, and of each whether that is so; None where nothing decides.

    `missed` are those that had enough to look at, and did not speak where it is so.
    """

    run: Recording
    truths: Mapping[str, bool | None]
    missed: list[str]


def recording(path: Path) -> Recording:
    """A run of the folder, by the file of its recording."""
    run = json.loads(path.with_suffix(".json").read_text())["run"]
    return Recording(run["spec"]["dataset"], run["name"].rpartition(", seed")[0], recalled(path))


def final(history: History, name: str) -> float | None:
    """The last value of a sparse series."""
    curve = history.of(name)
    return float(curve.mean[-1]) if curve is not None else None


def branches(history: History) -> dict[str, float]:
    """Test accuracy of each branch."""
    accuracies = {m: final(history, f"test.accuracy.{m}") for m in history.modalities}
    return {m: value for m, value in accuracies.items() if value is not None}


def truth(history: History, able: Callable[[str], float | None]) -> dict[str, bool | None]:
    """Whether each diagnosis would be right to speak; None where only its own curves could say.

    `able`: test accuracy that a modality reaches alone, where a run of it alone is known.
    """
    test, fused = branches(history), final(history, "test.accuracy") or 0.0
    behind = [one - test[m] for m in test if (one := able(m)) is not None]
    fitted = {m: mean(history.late(c)) for m, c in history.each("accuracy").items()}
    chance = history.majority or 0.0
    modulates, noisy = history.strategy in MODULATES, history.strategy in ("ogm-ge", "ge")
    return {
        "diverging": fused < chance + 0.05,
        "dominance": len(test) > 1 and max(test.values()) - min(test.values()) > POINTS,
        "starved-branch": max(behind) > POINTS if behind else None,
        "branches-apart": len(test) > 1 and max(test.values()) - min(test.values()) > POINTS,
        "leader-overfits": len(test) > 1 and fitted[leader := max(test, key=test.get)] - test[leader] > GAP,
        "no-better-than-chance": min(test.values(), default=1.0) < chance + 0.04,
        "adam-cancels-k": modulates and history.settings.get("optimizer") in ("adam", "adamw"),
        "k-saturated": None if modulates else False,
        "k-chatters": None if modulates else False,
        "rho-too-noisy": None if modulates else False,
        "window-too-long": None if modulates else False,
        "window-too-short": False,
        "noise-drowns-gradient": None if noisy else False,
        "noise-negligible": False,
        "vanishing-encoder": False,
        "throughput-fell": None,
        "validation-stopped": None,
        "balancing-pays": None,
        "no-finding": len(test) > 1 and max(test.values()) - min(test.values()) <= 2 * POINTS,
    }


def readings(runs: list[Recording]) -> list[Reading]:
    """What was said of each run."""
    alone = {
        (run.data, run.history.modalities[0]): final(run.history, "test.accuracy")
        for run in runs
        if len(run.history.modalities) == 1
    }
    answers = []
    for run in runs:
        right = truth(run.history, lambda m, data=run.data: alone.get((data, m)))
        verdict = judge(run.history)
        spoken = [one.name for one in verdict if one.speaks]
        silent = [one.name for one in verdict if one.known and not one.speaks]
        missed = [name for name in silent if right[name] and name != "no-finding"]
        answers.append(Reading(run, {name: right[name] for name in spoken}, missed))
    return answers


def report(answers: list[Reading], unread: int) -> str:
    """The page: counts by diagnosis, and of the rows of the tables."""
    spoke = Counter(name for one in answers for name in one.truths)
    wrong = Counter(name for one in answers for name, right in one.truths.items() if right is False)
    open_ = Counter(name for one in answers for name, right in one.truths.items() if right is None)
    missed = Counter(name for one in answers for name in one.missed)
    decided = sum(spoke.values()) - sum(open_.values())
    sums = {"wrong": sum(wrong.values()), "spoke": sum(spoke.values()), "decided": decided}
    lines = [HEAD.format(runs=len(answers), unread=unread, **sums)]
    lines += ["| diagnosis | spoke | false | not decided | missed |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {name} | {spoke[name]} | {wrong[name]} | {open_[name]} | {missed[name]} |" for name in diagnoses()
    ]
    lines += ["", "## Row by row", "", "| data set, row | runs | said | false | missed |"]
    lines += ["| --- | --- | --- | --- | --- |", *_rows(answers)]
    return "\n".join(lines) + "\n"


def _rows(answers: list[Reading]) -> list[str]:
    """A line for each row of the tables: how many of its runs had each diagnosis."""
    rows: dict[tuple[str, str], list[Reading]] = {}
    for one in answers:
        rows.setdefault((one.run.dataset, one.run.row), []).append(one)
    lines = []
    for (dataset, row), each in sorted(rows.items()):
        false = [n for one in each for n, right in one.truths.items() if right is False]
        columns = [[n for one in each for n in one.truths], false, [n for one in each for n in one.missed]]
        lines.append(f"| {dataset}, {row} | {len(each)} | {' | '.join(map(_counted, columns))} |")
    return lines


def _counted(names: list[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in Counter(names).most_common())


HEAD = """# How often a verdict is wrong

{runs} runs of the tables in `docs/results/` were judged by `docs/results/verdicts/count.py` from recordings
of their curves ({unread} runs of the folder have none). The diagnoses spoke {spoke} times. {decided} times
something decides whether they were right: **{wrong} times they were not**. Missed is what is so, could be
looked at, and was not said.

Whether a diagnosis is right is decided by what it does not read: test accuracies (dominance and
branches-apart: two branches more than 10 points apart; no-finding: none more than 20; a starved branch: more
than 10 points behind its modality alone on the same data with the same seed, not decided where no such run
is; an overfitting leader: more than 12 points below its training accuracy; chance; divergence), and the
run's settings (no k without a strategy that has one, no noise without one that adds it). Of some nothing but
their own curves could decide; these are counted as not decided. Many diagnoses have a dead zone on purpose,
so what they miss is mostly near these limits.

The limits of the rules were set with some runs of these tables in view, so this is no estimate for other
data.
"""


def main() -> None:
    """Judge every run that has a recording, write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    runs = [recording(path) for path in sorted(options.folder.glob("*.npz"))]
    unread = len(list(options.folder.glob("*.json"))) - len(runs)
    options.out.write_text(report(readings(runs), unread))


if __name__ == "__main__":
    main()
