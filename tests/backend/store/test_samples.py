"""Single examples in the store: over validations, attempts, and forks, and how each is shown."""

import hashlib
from typing import Any

import numpy as np
import pytest
from entries import commit, event, new_run

from backend.store import Store, events, media, rows, samples
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.media import enclosed
from rhoscope.samples import Part
from rhoscope.tracker.pieces import png

PICTURE = Part.of("visual", "image", png(np.eye(3)))
WORDS = Part(modality="text", kind="text", text="a dog barks")


def record(run: str, attempt: int, seq: int, step: int, *values: float | None, **other: Any) -> Any:
    """A validation of two examples, whose text gives the second one nothing."""
    data = {"names": ["dog/1", "cat/2"], "labels": ["dog", "cat"], "together": [0.9, 0.1]}
    data |= {"alone": {"visual": list(values), "text": [0.5, None], "sound": [0.2, 0.3]}}
    return event(run, attempt, seq, "samples", step, **data | other)


def shown(run: str, seq: int, name: str, *parts: Part, attempt: int = 1) -> Any:
    return event(run, attempt, seq, "example", 10, name=name, parts=[part.model_dump() for part in parts])


def test_a_validation_is_asked_for_by_its_step_and_the_differences_over_all(store: Store) -> None:
    run = new_run(store)
    steps = (10, 20, 30)
    commit(store, run, *(record(run, 1, seq, step, step / 100, 0.4) for seq, step in enumerate(steps, 1)))
    with store.reading() as db:
        newest = samples.at(db, run, [(run, rows.LAST)], None)
        middle = samples.at(db, run, [(run, rows.LAST)], 29, ("sound", "visual"))
        first = samples.at(db, run, [(run, rows.LAST)], 3)
        assert events.of_run(db, run) == []
        with pytest.raises(InvalidInput, match="expected two of visual, text, sound"):
            samples.at(db, run, [(run, rows.LAST)], None, ("visual", "smell"))
        with pytest.raises(InvalidInput, match="expected two of"):
            samples.at(db, run, [(run, rows.LAST)], None, ("visual", "visual"))
    assert (newest.step, newest.steps, newest.total) == (30, [10, 20, 30], 3)
    assert newest.samples is not None
    assert newest.samples.alone["visual"] == [0.3, 0.4]
    assert newest.between == ["visual", "text"]
    assert [gap.median for gap in newest.gaps] == [-0.4, -0.3, -0.2]
    assert (middle.step, middle.between) == (20, ["sound", "visual"])
    assert [gap.high for gap in middle.gaps] == pytest.approx([0.08, -0.01, -0.1], abs=0.011)
    assert first.step == 10


def test_a_run_without_a_validation_has_no_example_and_one_modality_no_difference(store: Store) -> None:
    run, alone = new_run(store), new_run(store)
    commit(store, alone, record(alone, 1, 1, 10, alone={"visual": [0.1, 0.2]}))
    with store.reading() as db:
        none = samples.at(db, run, [(run, rows.LAST)], 5, ("a", "b"))
        one = samples.at(db, alone, [(alone, rows.LAST)], None)
    assert (none.step, none.samples, none.steps, none.between) == (None, None, [], [])
    assert (one.between, one.gaps) == ([], [])


def test_a_later_attempt_takes_back_what_an_earlier_one_said_after_its_first_step(store: Store) -> None:
    run = new_run(store)
    commit(store, run, record(run, 1, 1, 10, 0.1, 0.1), record(run, 1, 2, 20, 0.2, 0.2))
    commit(store, run, event(run, 2, 1, "started", 15, start_step=15), record(run, 2, 2, 20, 0.7, 0.7))
    commit(store, run, record(run, 2, 2, 20, 0.9, 0.9))
    with store.reading() as db:
        result = samples.example(db, [(run, rows.LAST)], "dog/1")
    assert (result.steps, result.alone["visual"]) == ([10, 20], [0.1, 0.7])


def test_the_bytes_of_a_preview_are_kept_apart_and_a_fork_shows_its_ancestors(store: Store) -> None:
    run = new_run(store)
    commit(store, run, record(run, 1, 1, 10, 0.1, 0.2), shown(run, 2, "dog/1", PICTURE, WORDS))
    child = new_run(store)
    commit(store, child, record(child, 1, 1, 20, 0.3, 0.4))
    with store.reading() as db:
        (stored,) = events.of_run(db, run, ["example"])
        result = samples.example(db, [(run, 10), (child, rows.LAST)], "dog/1")
        bare = samples.example(db, [(run, 10), (child, rows.LAST)], "cat/2")
        content = media.get(db, run, PICTURE.digest)
        assert media.listed(db, run) == []
    assert [part["content"] for part in stored.data["parts"]] == ["", ""]
    assert (content.type, content.data) == ("image/png", PICTURE.opened()[1])
    assert (result.holder, result.label, result.steps) == (run, "dog", [10, 20])
    assert [(part.modality, part.text, part.digest) for part in result.parts] == [
        ("visual", "", PICTURE.digest),
        ("text", "a dog barks", ""),
    ]
    assert result.alone == {"visual": [0.1, 0.3], "text": [0.5, 0.5], "sound": [0.2, 0.2]}
    assert (bare.parts, bare.alone["text"]) == ([], [None, None])
    with store.reading() as db, pytest.raises(NotFound, match="has an example called 'bird'"):
        samples.example(db, [(child, rows.LAST)], "bird")


def test_records_that_do_not_fit_are_noted_and_not_stored(store: Store) -> None:
    run = new_run(store)
    odd = [{"together": [0.5]}, {"names": ["a", "a"]}, {"alone": {"visual": ["x", 1]}}, {"labels": None}]
    wrong = [record(run, 1, seq, 10, 0.1, 0.2, **change) for seq, change in enumerate(odd, 1)]
    commit(store, run, *wrong, record(run, 1, 9, 20, 0.1, 0.2))
    with store.reading() as db:
        assert samples.at(db, run, [(run, rows.LAST)], None).steps == [20]
        notes = events.of_run(db, run, ["log"])
    assert len(notes) == len(odd)
    assert all("The data of a samples event does not fit" in note.data["line"] for note in notes)


def test_the_bytes_that_come_with_an_items_event_are_kept_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, data = new_run(store), b"hello"
    item = {"name": "note", "kind": "text", "digest": hashlib.sha256(data).hexdigest()}
    commit(store, run, event(run, 1, 1, "media", 3, **item, content=enclosed(data)))
    commit(store, run, event(run, 1, 2, "media", 4, **item))
    commit(store, run, event(run, 1, 3, "media", 5, **item | {"digest": "0" * 64}, content=enclosed(data)))
    monkeypatch.setattr(media, "MOST_BYTES", len(data))
    other = {"name": "more", "kind": "text", "digest": hashlib.sha256(b"more").hexdigest()}
    commit(store, run, event(run, 1, 4, "media", 6, **other, content=enclosed(b"more")))
    with store.reading() as db:
        assert media.get(db, run, item["digest"]).data == data
        assert [(one.name, one.step) for one in media.listed(db, run)] == [("note", 3), ("note", 4)]
        assert all("content" not in one.data for one in events.of_run(db, run, ["media"]))
        wrong, full = [one.data["line"] for one in events.of_run(db, run, ["log"])]
    assert "its digest is not the SHA-256 of its content" in wrong
    assert full.startswith("'more' is not shown. The run has")


def test_a_preview_that_is_no_picture_is_noted_and_one_without_room_is_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(store)
    script = PICTURE.model_copy(update={"content": "PHN2Zy8+"})
    monkeypatch.setattr(media, "MOST_BYTES", 10)
    commit(store, run, shown(run, 1, "dog/1", script), shown(run, 2, "cat/2", PICTURE, WORDS))
    commit(store, run, record(run, 1, 3, 10, 0.1, 0.2))
    with store.reading() as db:
        result = samples.example(db, [(run, rows.LAST)], "cat/2")
        (note,) = events.of_run(db, run, ["log"])
    assert [part.modality for part in result.parts] == ["text"]
    assert "SHA-256" in note.data["line"]
