"""Single examples that a program sends: what they become, and that nothing odd stops a loop."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from guest_files import GuestFile

import rhoscope
from rhoscope.samples import Example, Samples
from rhoscope.tracker.examples import PREVIEW_BYTES, Previews, record


def test_logits_become_the_probability_of_the_targets_class_and_nan_is_missing() -> None:
    target = torch.tensor([2, 0])
    logits = torch.tensor([[0.0, 1.0, 2.0], [1000.0, 0.0, 0.0]])
    made = record(
        ["a", 7], ["x", "y"], {"audio": logits, "visual": [0.25, float("nan")]}, np.array([0.5, 1]), target
    )
    assert made.names == ["a", "7"]
    assert made.alone["audio"] == pytest.approx([float(logits[0].softmax(0)[2]), 1.0], abs=1e-4)
    assert (made.alone["visual"], made.together) == ([0.25, None], [0.5, 1.0])


def test_of_many_examples_each_class_has_its_share_and_the_choice_stays() -> None:
    names, labels = [f"e{i}" for i in range(3000)], [i % 7 == 0 for i in range(3000)]
    first = record(names, labels, {"a": np.linspace(0, 1, 3000)})
    again = record(names[::-1], labels[::-1], {"a": np.linspace(1, 0, 3000)})
    assert {label: first.labels.count(label) for label in ("True", "False")} == {"True": 100, "False": 100}
    assert set(first.names) == set(again.names)
    assert dict(zip(again.names, again.alone["a"], strict=True)) == pytest.approx(
        dict(zip(first.names, first.alone["a"], strict=True))
    )


def test_a_preview_is_made_once_an_example_and_as_what_it_is() -> None:
    request: list[str] = []

    def preview(name: str) -> dict[str, Any]:
        request.append(name)
        values = {"audio": (np.zeros(800), 8000), "visual": torch.rand(3, 8, 8), "text": "a dog"}
        return values | {"series": np.arange(1000.0)}

    previews = Previews()
    (made,) = previews.make(["a"], preview)
    assert previews.make(["a"], preview) == []
    assert request == ["a"]
    parts = {part.modality: part for part in made.parts}
    assert [part.kind for part in made.parts] == ["sound", "image", "text", "curves"]
    with wave.open(io.BytesIO(parts["audio"].opened()[1])) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 800)
    assert (parts["text"].text, len(parts["series"].curves[0])) == ("a dog", 256)
    assert previews.make(["b"], {"b": {}}) == []


def test_previews_end_where_their_room_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhoscope.tracker.examples.PREVIEW_BYTES", 2000)
    previews = Previews()
    noise = np.random.default_rng(0).integers(0, 255, (30, 30), np.uint8)
    made = previews.make([str(i) for i in range(50)], lambda _: {"visual": noise})
    assert len(made) == 3
    assert PREVIEW_BYTES > 2000


def test_a_run_shows_its_examples_and_whatever_is_odd_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    run.log({"loss": 1.0}, step=4)
    good: dict[str, Any] = {"names": ["a", "b"], "labels": [0, 1], "alone": {"audio": [0.1, 0.9]}}
    run.examples(**good, together=[0.5, 0.5], preview={"a": {"visual": np.eye(4)}})
    odd: list[dict[str, Any]] = [
        {"names": ["a", "a"]}, {"labels": [0]}, {"labels": None}, {"alone": {"audio": [0.1]}}, {"alone": [1]},
        {"alone": {"audio": [2, 3]}}, {"alone": {"audio": "x"}}, {"alone": {"audio": torch.zeros(2, 3)}},
        {"alone": {"audio": torch.zeros(2, 3)}, "target": [5, 5]}, {"together": object()}, {"names": []},
        {"step": -1}, {"step": "x"}, {"preview": lambda name: {}[name]}, {"preview": 3},
        {"preview": {"b": {"visual": np.zeros((600, 600, 3))}}}, {"preview": {"b": {"t": [{"a": 1}]}}},
    ]  # fmt: skip
    for change in odd:
        run.examples(**good | change)
    run.finish()
    shown = GuestFile(tmp_path)
    first = shown.of("samples")[0]
    assert (first.step, Samples.model_validate(first.data).together) == (4, [0.5, 0.5])
    (example,) = [Example.model_validate(event.data) for event in shown.of("example")]
    assert (example.name, example.parts[0].opened()[0]) == ("a", "image/png")
    assert sum("examples can't be shown" in line for line in caplog.messages) == 1
