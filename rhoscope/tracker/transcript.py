"""A run of another tracker as a guest run: its rows in a journal, which is sent as any other."""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rhoscope.errors import InvalidInput
from rhoscope.guests import MOST_SERIES, GuestSpec
from rhoscope.records import Event
from rhoscope.series import Series
from rhoscope.texts import cleaned
from rhoscope.tracker.archives import Archive, Source
from rhoscope.tracker.journal import Journal
from rhoscope.tracker.lock import Lock
from rhoscope.tracker.start import SPEC, flat, numbered

DIGEST = "source.json"
"""Which values the newest attempt holds: the same ones are not written twice."""
ROWS_PER_CUT = 4096
LONGEST_NAME = 200


@dataclass(frozen=True)
class Transcript:
    """A run that was imported: its folder, and whether anything in it is new."""

    run: str
    name: str
    folder: Path
    steps: int
    series: int
    new: bool


def transcribe(
    source: Source,
    archive: Archive,
    folder: Path,
    project: str = "",
    last_attempt: Callable[[str], int] = lambda _run: 0,
) -> Transcript:
    """Write a run below `folder`. Read again it is the same run; if it changed, a new attempt of it.

    `last_attempt` gives the one that a server has: another folder may have known the run.

    Raises:
        InvalidInput: when there are no numbers, too many series, or no room.
    """
    names = _names(source, archive)
    spec = _spec(source, archive, project or archive.project)
    own = folder / spec.id
    digest = _digest(archive)
    try:
        own.mkdir(parents=True, exist_ok=True)
        if not Lock(own).take():
            raise InvalidInput(f"{own} is written to by another process; wait until it has ended.")
        new = _known(own) != digest
        if new:
            (own / SPEC).write_text(spec.model_dump_json(), encoding="utf-8")
            attempts = [last_attempt(spec.id), *map(numbered, own.glob("attempt-*.rj"))]
            _write(spec, 1 + max(attempts), archive, names, own)
            (own / DIGEST).write_text(json.dumps({"values": digest}), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{own} can't be written to ({error.strerror}).") from error
    return Transcript(spec.id, spec.name, own, len(archive.table.rows), len(names), new)


def _names(source: Source, archive: Archive) -> dict[str, str]:
    """Every series' name in its file, and here."""
    names = {name: None for row in archive.table.rows.values() for name in row}
    if not names:
        raise InvalidInput(f"{source.path} holds no number with a step.")
    if len(names) > MOST_SERIES:
        raise InvalidInput(f"{source.path} holds {len(names):,} series; a run takes up to {MOST_SERIES:,}.")
    here: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(names):
        short = cleaned(name)[:LONGEST_NAME].strip() or "unnamed"
        here[name] = short if short not in taken else f"{short[: LONGEST_NAME - 10]} {number}"
        taken.add(here[name])
    return here


def _spec(source: Source, archive: Archive, project: str) -> GuestSpec:
    named = [(name, value) for name, value in cleaned(flat(archive.config)).items() if name]
    # anything in a file of others may be longer than we keep
    return GuestSpec(
        kind="guest",
        id=hashlib.sha256(archive.key.encode(errors="replace")).hexdigest()[:16],
        project=cleaned(project)[:100],
        name=cleaned(archive.name)[:200],
        tags=[cleaned(tag)[:200] for tag in archive.tags[:50]],
        notes=cleaned(archive.notes or f"Imported from {source.format}: {source.path}")[:20_000],
        config=dict(named[:1000]),
    )


def _digest(archive: Archive) -> str:
    digest = hashlib.sha256(archive.state.encode())
    for step in sorted(archive.table.rows):
        row = archive.table.rows[step]
        digest.update(repr((step, archive.table.times[step], sorted(row.items()))).encode(errors="replace"))
    return digest.hexdigest()


def _known(own: Path) -> str | None:
    try:
        known: str = json.loads((own / DIGEST).read_text(encoding="utf-8"))["values"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known


def _write(spec: GuestSpec, attempt: int, archive: Archive, names: dict[str, str], own: Path) -> None:
    """Raises: OSError, InvalidInput, when the disk does not take it."""
    rows, steps = archive.table.rows, sorted(archive.table.rows)
    times = _times(archive, steps)
    path = own / f"attempt-{attempt}.rj"
    journal = Journal(path)

    def event(kind: str, step: int, when: float, **data: Any) -> None:
        fields = {"run": spec.id, "attempt": attempt, "kind": kind, "step": step, "time": when}
        journal.event(Event.model_validate({**fields, "data": data}).encode())

    first, last = steps[0], steps[-1]
    event("started", first, times[first], **_declared(names, first))
    for number, step in enumerate(steps, start=1):
        row = rows[step]
        journal.row(tuple(names[name] for name in row), step, times[step], list(row.values()))
        if number % ROWS_PER_CUT == 0:
            journal.cut(step)
    journal.cut(last)
    event("finished", last + 1, times[last], state=archive.state, reason="")
    trouble = journal.trouble
    journal.close()
    if trouble:
        path.unlink(missing_ok=True)
        raise InvalidInput(f"{path} can't be written ({trouble}).")


def _declared(names: dict[str, str], first: int) -> dict[str, Any]:
    listed = [
        Series(name=one, title=one, unit="1", formula=one, help="Recorded by another tracker.")
        for one in names.values()
    ]
    modalities = [one.removeprefix("rho.") for one in names.values() if one.startswith("rho.") and one[4:]]
    return {
        "modalities": modalities[:100],
        "start_step": first,
        "series": [one.model_dump() for one in listed],
    }


def _times(archive: Archive, steps: list[int]) -> dict[int, float]:
    """When each step was; where the file does not say so, now."""
    now = time.time()
    usable = {step: archive.table.times[step] for step in steps}
    return {step: when if 0 < when < 2**40 and math.isfinite(when) else now for step, when in usable.items()}
