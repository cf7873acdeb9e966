"""Runs that `docs/results/train.py` left in a folder, as a verdict reads them. Letter: B intervals.

    PYTHONPATH=tests/driving:.:docs/results python docs/results/verdicts/ended.py FOLDER OUT.md

These files hold means over intervals of the series that reports need, and the last values of all others: no
single rows, no loss, no noise, no throughput. A diagnosis that reads those can't be judged, and is listed as
such. Whether another one is right is decided as in `count.py`.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from count import Reading, truth
from train import Ended

from backend.curves.digest import Digest
from backend.store.rows import Curve
from backend.verdict.history import PIECES, History
from backend.verdict.verdict import diagnoses, judge
from rhoscope.catalog import Catalog
from rhoscope.runs import Run
from trainer.plugins import describe

SPARSE = ("val", "gap", "shortfall", "probe", "test")
"""Beginnings of the names of series that are measured between two steps."""
ENDS = ("test.accuracy", "accuracy")
"""Series of which the last value is read."""


def history_of(ended: Ended, catalog: Catalog) -> History | None:
    """The run as far as its file tells; None where its number of steps, or of classes, is nowhere."""
    run, dataset = ended.run, catalog.find("dataset", ended.run.spec.dataset)
    facts = dataset.facts if dataset else {}
    size = _number(run, facts.get("train_size"))
    classes = _number(run, facts.get("classes"))
    if not size or not classes or not ended.curves:
        return None
    per_epoch = size // int(run.settings["batch_size"])
    steps = per_epoch * int(run.settings["epochs"])
    curves = {name: _curve(values, steps) for name, values in ended.curves.items()}
    for name, value in run.last.items():
        if name.rsplit(".", 1)[0] in ENDS or name in ENDS:
            curves.setdefault(name, (np.array([steps - 1], np.int32), np.array([value])))
    curves |= {f"accuracy.{m}": _fitted(curves, m) for m in run.modalities if f"gap.{m}" in curves}
    return History(
        state=run.state,
        reason=run.reason,
        modalities=run.modalities,
        strategy=run.spec.strategy,
        settings=run.settings,
        curves={name: Digest.of(curve).small(most=PIECES) for name, curve in curves.items()},
        steps_per_epoch=per_epoch,
        sparse=[name for name in curves if name.startswith(SPARSE)],
        classes=classes,
        majority=1 / classes,
    )


def _number(run: Run, fact: object) -> int:
    """A fact of a data set: the number, the number of entries, or the setting that holds it."""
    if isinstance(fact, list):
        return len(fact)
    result = run.settings.get(fact) if isinstance(fact, str) else fact
    return int(result) if isinstance(result, int | float) else 0


def _curve(values: list[float | None], steps: int) -> Curve:
    """Means [B] at the last steps of their intervals; those without a value are left out."""
    ends = np.ceil(np.linspace(0, steps, len(values) + 1)[1:]).astype(np.int32) - 1
    known = np.array([value is not None for value in values], bool)
    return ends[known], np.array([value for value in values if value is not None], np.float64)


def _fitted(curves: Mapping[str, Curve], modality: str) -> Curve:
    """Training accuracy over epochs: that of the validation split and the gap between the two."""
    steps, gap = curves[f"gap.{modality}"]
    validated = dict(zip(*(column.tolist() for column in curves[f"val.accuracy.{modality}"]), strict=True))
    use = np.array([step in validated for step in steps.tolist()], bool)
    return steps[use], gap[use] + np.array([validated[step] for step in steps[use].tolist()])


def readings(files: Iterable[Path], catalog: Catalog) -> tuple[list[Reading], list[str], set[str]]:
    """What was said of each run, the names of those that can't be read, and the diagnoses that answered."""
    answers, unread, answered = [], [], set[str]()
    runs = [Ended.model_validate_json(file.read_text()) for file in files]
    for ended in runs:
        history, run = history_of(ended, catalog), ended.run
        if history is None:
            unread.append(run.name)
            continue
        verdict = judge(history)
        answered |= {one.name for one in verdict if one.known}
        right = truth(history, _alone(runs, run))
        spoken = {one.name: right[one.name] for one in verdict if one.speaks}
        silent = [one.name for one in verdict if one.known and not one.speaks]
        missed = [name for name in silent if right[name] and name != "nothing-wrong"]
        answers.append(Reading(f"{run.spec.dataset} {run.name}", spoken, missed))
    return answers, unread, answered


def _alone(runs: list[Ended], run: Run) -> "Alone":
    return Alone(
        {
            one.run.modalities[0]: one.run.last["test.accuracy"]
            for one in runs
            if len(one.run.modalities) == 1
            and one.run.spec.dataset == run.spec.dataset
            and one.run.settings.get("seed") == run.settings.get("seed")
            and "test.accuracy" in one.run.last
        }
    )


class Alone:
    """Test accuracy that a modality reaches alone on a run's data, with its seed."""

    def __init__(self, known: Mapping[str, float]) -> None:
        self.known = known

    def __call__(self, _: History, modality: str) -> float | None:
        return self.known.get(modality)


def report(answers: list[Reading], unread: list[str], answered: set[str]) -> str:
    """The page: counts by diagnosis, and which rows were judged falsely."""
    spoke = Counter(name for one in answers for name in one.truths)
    verdicts = {True: Counter[str](), False: Counter[str](), None: Counter[str]()}
    for one in answers:
        for name, right in one.truths.items():
            verdicts[right][name] += 1
    missed = Counter(name for one in answers for name in one.missed)
    sums = {"spoke": sum(spoke.values()), "false": sum(verdicts[False].values())}
    sums |= {"open": sum(verdicts[None].values()), "missed": sum(missed.values())}
    decided = sums["spoke"] - sums["open"]
    share = 100 * sums["false"] / decided if decided else 0.0
    lines = [HEAD.format(runs=len(answers), unread=len(unread), decided=decided, share=share, **sums)]
    lines += [
        "| diagnosis | spoke | right | false | not decided | missed |",
        "| --- | " + "--- | " * 4 + "--- |",
    ]
    for name in [name for name in diagnoses() if name in answered]:
        each = f"{verdicts[True][name]} | {verdicts[False][name]} | {verdicts[None][name]}"
        lines.append(f"| {name} | {spoke[name]} | {each} | {missed[name]} |")
    silent = ", ".join(name for name in diagnoses() if name not in answered)
    lines += ["", f"Never answered, since what they read is not in these files: {silent}.", "", "## False"]
    lines += ["", "| run | false | missed |", "| --- | --- | --- |"]
    for one in answers:
        false = ", ".join(name for name, right in one.truths.items() if right is False)
        lines += [f"| {one.label} | {false} | {', '.join(one.missed)} |"] if false or one.missed else []
    return "\n".join(lines) + "\n"


HEAD = """# How often a verdict is wrong on the runs of an experiment

{runs} runs of `docs/results/train.py` have been judged from the means in their files ({unread} more could
not be read). The diagnoses spoke {spoke} times. In {decided} of these cases something that they do not read
decides whether that is so: {false} were false ({share:.1f} %). {open} times nothing decides. {missed} times
something was so, could be looked at, and was not said. What decides is as in
`docs/results/verdicts/count.py`; training accuracy is that of the validation split and the recorded gap.
"""


def main() -> None:
    """Judge every run of a folder, and write the page."""
    folder, out = map(Path, sys.argv[1:])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(report(*readings(sorted(folder.glob("*.json")), describe())))


if __name__ == "__main__":
    main()
