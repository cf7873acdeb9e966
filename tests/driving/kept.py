"""Recordings of real trainings, small enough to be kept: what a verdict reads of a run, in half precision."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from backend.curves.digest import Digest
from backend.store.rows import Curve
from backend.verdict.history import PIECES, RECENT, History
from backend.verdict.reading import ROWS
from rhoscope.catalog import Catalog
from rhoscope.spec import RunSpec

if TYPE_CHECKING:
    from recorded import Memory

    from trainer.attempt.session import Outcome

FOLDER = Path(__file__).parents[1] / "backend" / "diagnoses" / "recorded"
STEMS = ("loss", "accuracy", "score", "rho", "k", "grad_norm", "effective_step", "noise", "throughput")
"""Beginnings of the names of the dense series that are kept."""


def keep(spec: dict[str, Any], catalog: Catalog, path: Path) -> None:
    """Train a run in this process and keep its recording; takes as long as the training."""
    from recorded import Trained  # noqa: PLC0415 -- needs torch, which reading a recording does not

    read = RunSpec.model_validate(spec)
    trained = Trained({"effects_every": 1, "previews": True, **spec})
    write(path, read, catalog.check(read), trained.sink, trained.outcome)


def write(path: Path, spec: RunSpec, settings: Mapping[str, Any], sink: "Memory", outcome: "Outcome") -> None:
    """Keep what was recorded of a run that ended; series of some steps only are kept as sparse ones."""
    started = sink.of("started")[0].data
    measured = {name for block in sink.blocks for name in block.header.names if name.split(".")[0] in STEMS}
    dense = {name: sink.series(name) for name in sorted(measured & sink.names())}
    sparse = [[event.step, event.values()] for event in sink.of("values")]
    between = sorted({name for _, values in sparse for name in values})
    for name in sorted(measured - sink.names()):
        pairs = zip(sink.steps(name), sink.series(name), strict=True)
        sparse += [[step, {name: float(value)}] for step, value in pairs]
    tables = [event.data for event in sink.of("table") if event.data["name"] == "classes"]
    facts = {
        "spec": spec.model_dump(mode="json"),
        "settings": settings,
        "state": outcome.state,
        "reason": outcome.reason,
        "modalities": started["modalities"],
        "epochs": started["epochs"],
        "total_steps": started["total_steps"],
        "classes": len(tables[-1]["rows"]) if tables else None,
        "examples": int(sum(row[0] for row in tables[-1]["values"])) if tables else None,
        "sparse": sparse,
        "between": between,
    }
    columns = np.stack([*dense.values()]) if dense else np.empty((0, 0))
    with np.errstate(over="ignore"):
        np.savez_compressed(
            path,
            facts=np.array(json.dumps(facts)),
            names=np.array(list(dense)),
            steps=np.array(sink.steps(), np.int32),
            columns=columns.astype(np.float16),
        )


def recalled(path: Path, until: int | None = None) -> History:
    """A kept recording as a verdict reads it: all of it, or its first `until` steps."""
    with np.load(path) as archive:
        facts = json.loads(str(archive["facts"]))
        steps, columns = archive["steps"], archive["columns"].astype(np.float32)
        names = [str(name) for name in archive["names"]]
    end = len(steps) if until is None else int(np.searchsorted(steps, until))
    curves: dict[str, Curve] = {n: (steps[:end], c[:end]) for n, c in zip(names, columns, strict=True)}
    gathered: dict[str, list[tuple[int, float]]] = {}
    for step, values in facts.pop("sparse"):
        for name, value in values.items() if until is None or step <= until else ():
            gathered.setdefault(name, []).append((step, float(value)))
    for name, points in gathered.items():
        curves[name] = np.array([p for p, _ in points], np.int32), np.array([v for _, v in points])
    return History(
        state=facts["state"] if until is None else "running",
        reason=facts["reason"] if until is None else "",
        modalities=facts["modalities"],
        strategy=facts["spec"]["strategy"],
        settings=facts["settings"],
        curves={name: Digest.of(curve).small(most=PIECES) for name, curve in curves.items()},
        steps_per_epoch=facts["total_steps"] / facts["epochs"],
        recent={n: (s[-RECENT:], v[-RECENT:]) for n, (s, v) in curves.items() if n.split(".")[0] in ROWS},
        sparse=facts.get("between", ()),
        classes=facts["classes"],
        examples=facts["examples"],
        majority=1 / facts["classes"] if facts["classes"] else None,
    )


def drawn(curves: Mapping[str, ArrayLike], **facts: Any) -> History:
    """A history of made-up curves: values of every step, or of sparse ones `(steps, values)`."""
    columns: dict[str, Curve] = {}
    for name, given in curves.items():
        steps, values = given if isinstance(given, tuple) else (np.arange(len(np.asarray(given))), given)
        columns[name] = np.asarray(steps, np.int32), np.asarray(values, np.float64)
    names = [name.partition(".")[2] for name in curves if name.startswith("rho.")]
    usual = {"state": "completed", "modalities": names, "strategy": "ogm-ge", "settings": {"alpha": 1.5}}
    return History(
        **usual | facts,
        curves={name: Digest.of(curve).small(most=PIECES) for name, curve in columns.items()},
        recent={n: (s[-RECENT:], v[-RECENT:]) for n, (s, v) in columns.items() if n.split(".")[0] in ROWS},
    )


def recorded(name: str, until: int | None = None) -> History:
    """One of the recordings that are kept with the tests of the diagnoses."""
    return recalled(FOLDER / f"{name}.npz", until)
