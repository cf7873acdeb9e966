"""How often a verdict is wrong on the runs of `docs/results/`.

    PYTHONPATH=tests/driving:. python docs/results/verdicts/count.py FOLDER [--seed 0] [--train]

What is stored there are the runs' final numbers, not their curves, so one seed of each row is trained again
(`--train`; those that are in FOLDER already are not) and judged. Whether a diagnosis is right is decided by
what it does not read: the test split, the modalities trained alone, and the row's settings. Writes
`docs/results/verdicts/report.md`.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kept import keep, recalled

from backend.verdict.history import History, mean
from backend.verdict.verdict import diagnoses, judge
from rhoscope.experiments import plan
from trainer.plugins import describe

REPORT = Path(__file__).with_name("report.md")
POINTS = 0.1
GAP = 0.12
MODULATES = ("ogm", "ogm-ge", "agm")
TABLES = ["strategies", "more-balanced", "optimisers", "under-optimised"]
TABLES += ["alpha", "fusions", "noise-intensity", "protocols"]


@dataclass(frozen=True)
class Reading:
    """One run, the diagnoses that spoke, and of each whether that is so; None where nothing decides.

    `missed` are those that had enough to look at, and did not speak where it is so.
    """

    label: str
    truths: Mapping[str, bool | None]
    missed: list[str]


def rows(seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of the tables once, and each modality alone on the data it is trained on there."""
    seen: list[dict[str, Any]] = []
    for name in TABLES:
        experiment = plan.load(name)
        for row in experiment.rows:
            spec = {**experiment.base, **row.run, "seed": seed}
            if spec not in seen:
                seen.append(spec)
                yield f"{name} {row.label}", spec
    for shortcut in (0.0, 2.0, 4.0):
        for modality in ("fast", "slow"):
            spec = {"dataset": "synthetic", "strategy": "joint", "only": modality, "shortcut": shortcut}
            yield f"alone {modality} {shortcut:g}", {**spec, "seed": seed}


def file_of(folder: Path, label: str) -> Path:
    return folder / f"{label.replace('/', '-').replace(' ', '_')}.npz"


def final(history: History, name: str) -> float | None:
    """The last value of a sparse series."""
    curve = history.of(name)
    return float(curve.mean[-1]) if curve is not None else None


def alone(histories: Mapping[str, History]) -> Callable[[History, str], float | None]:
    """Test accuracy that a modality reaches alone on a run's data."""
    known = {
        (h.settings.get("shortcut"), h.modalities[0]): final(h, "test.accuracy")
        for h in histories.values()
        if len(h.modalities) == 1
    }
    return lambda history, modality: known.get((history.settings.get("shortcut"), modality))


def branches(history: History) -> dict[str, float]:
    """Test accuracy of each branch."""
    accuracies = {m: final(history, f"test.accuracy.{m}") for m in history.modalities}
    return {m: value for m, value in accuracies.items() if value is not None}


def truth(history: History, able: Callable[[History, str], float | None]) -> dict[str, bool | None]:
    """Whether each diagnosis would be right to speak; None where only its own curves could say."""
    test, fused = branches(history), final(history, "test.accuracy") or 0.0
    behind = [one - test[m] for m in test if (one := able(history, m)) is not None]
    fitted = {m: mean(history.late(c)) for m, c in history.each("accuracy").items()}
    chance = history.majority or 0.0
    modulates, noisy = history.strategy in MODULATES, history.strategy in ("ogm-ge", "ge")
    return {
        "diverging": fused < chance + 0.05,
        "dominance": len(test) > 1 and max(test.values()) - min(test.values()) > POINTS,
        "starved-branch": max(behind) > POINTS if behind else None,
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
        "nothing-wrong": len(test) > 1 and max(test.values()) - min(test.values()) <= 2 * POINTS,
    }


def readings(folder: Path, labels: list[str]) -> list[Reading]:
    """What was said of each run that is in the folder."""
    present = [label for label in labels if file_of(folder, label).exists()]
    histories = {label: recalled(file_of(folder, label)) for label in present}
    able = alone(histories)
    answers = []
    for label, history in histories.items():
        right = truth(history, able)
        verdict = judge(history)
        spoken = [one.name for one in verdict if one.speaks]
        silent = [one.name for one in verdict if one.known and not one.speaks]
        missed = [name for name in silent if right[name] and name != "nothing-wrong"]
        answers.append(Reading(label, {name: right[name] for name in spoken}, missed))
    return answers


def report(answers: list[Reading], seed: int, planned: int) -> str:
    """The page: counts by diagnosis, and what was said of each run."""
    spoke = Counter(name for one in answers for name in one.truths)
    wrong = Counter(name for one in answers for name, right in one.truths.items() if right is False)
    open_ = Counter(name for one in answers for name, right in one.truths.items() if right is None)
    missed = Counter(name for one in answers for name in one.missed)
    sums = {"wrong": sum(wrong.values()), "spoke": sum(spoke.values()), "open": sum(open_.values())}
    lines = [HEAD.format(runs=len(answers), seed=seed, planned=planned, **sums)]
    lines += ["| diagnosis | spoke | false | not decided | missed |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {name} | {spoke[name]} | {wrong[name]} | {open_[name]} | {missed[name]} |" for name in diagnoses()
    ]
    lines += ["", "## Run by run", "", "| run | said | false | missed |", "| --- | --- | --- | --- |"]
    for one in answers:
        false = ", ".join(name for name, right in one.truths.items() if right is False)
        said = ", ".join(one.truths) or "nothing"
        lines.append(f"| {one.label} | {said} | {false} | {', '.join(one.missed)} |")
    return "\n".join(lines) + "\n"


HEAD = """# How often a verdict is wrong

`docs/results/verdicts/count.py` trains seed {seed} of each row of `docs/results/` again, with its curves, and
each modality of the synthetic set alone. Of these {planned} runs {runs} have been judged so far. The
diagnoses spoke {spoke} times, {wrong} times falsely; {open} times nothing decides. Missed is what is so,
could be looked at, and was not said.

Whether a diagnosis is right is decided by what it does not read: test accuracies (dominance: two branches
more than 10 points apart; a starved branch: more than 10 points behind its modality alone; an overfitting
leader: more than 12 points below its training accuracy; chance; divergence), and the row's settings (no k
without a strategy that has one, no noise without one that adds it). Of some nothing but their own curves
could decide; these are counted as not decided.

The limits of the rules were set with some of these runs in view, so this is no estimate for other data.
"""


def main() -> None:
    """Train what lacks, judge everything, write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    planned = dict(rows(options.seed))
    for label, spec in planned.items() if options.train else ():
        if not file_of(options.folder, label).exists():
            keep(spec, describe(), file_of(options.folder, label))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(readings(options.folder, list(planned)), options.seed, len(planned)))


if __name__ == "__main__":
    main()
