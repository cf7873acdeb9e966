"""Single examples of a run for its records: what is known about each, and once how each is shown."""

import time

from pydantic import ValidationError

from rhoscope.errors import RhoscopeError
from rhoscope.samples import Example, Part
from rhoscope.texts import cleaned
from trainer.attempt.session import Session
from trainer.measures.samples import Followed

PREVIEW_BYTES = 8 * 2**20
"""Bytes of all previews of a run."""
PREVIEW_S = 4.0
"""Longest time for reading previews, once a run; what is not read by then is not shown."""
STRIDE = 16
"""Every 16th example comes first, then their neighbors: where time ends, all classes have some previews."""
_UNREADABLE = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, RhoscopeError)


def report(session: Session, followed: Followed, epoch: int) -> None:
    """Record a validation's examples; the first one also says how they are shown."""
    progress = session.progress
    try:
        record = followed.record(epoch)
    except ValidationError as error:
        words = error.errors()[0]["msg"].removeprefix("Value error, ")
        session.sink.event("log", progress.step, line=f"Single examples can't be followed: {words}.")
        return
    if record is None:
        return
    session.sink.event("samples", progress.step, **record.model_dump())
    if session.parts.training.previews and not progress.shown:
        _show(session)
        progress.shown = True


def _show(session: Session) -> None:
    """Send previews while there is time and room; a preview that fails is no reason to end a run."""
    if not session.parts.replicas.first:
        return
    began, left, failed = time.monotonic(), PREVIEW_BYTES, ""
    choice, known = session.parts.choice, dict[int, list[Part]]()
    places = sorted(range(len(choice.names)), key=lambda place: place % STRIDE)
    for name, row in ((choice.names[place], choice.examples[place]) for place in places):
        if row not in known:
            try:
                known[row] = _parts(session, row)
            except _UNREADABLE as error:
                failed = failed or f"Example '{name}' can't be shown: {error}."
                known[row] = []
        size = sum(len(part.content) * 3 // 4 for part in known[row])
        if known[row] and size <= left:
            session.sink.event(
                "example", session.progress.step, **Example(name=name, parts=known[row]).model_dump()
            )
            left -= size
        if time.monotonic() - began > PREVIEW_S:
            failed = failed or "Some examples have no preview: reading them took too long."
            break
    if failed:
        session.sink.event("log", session.progress.step, line=cleaned(failed)[:1000])


def _parts(session: Session, row: int) -> list[Part]:
    parts = session.parts.dataset.preview(session.parts.splits["validation"], row)
    known = [part for part in parts if part.modality in session.parts.model.modalities]
    return [part.model_copy(update={"text": cleaned(part.text)}) for part in known]
