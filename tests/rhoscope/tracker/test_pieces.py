"""What a program shows becomes bytes that a browser can show, or one line that says why not."""

import io
import json
import math
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import rhoscope
from rhoscope.errors import InvalidInput
from rhoscope.media import LARGEST, type_of
from rhoscope.tracker.pieces import piece

RAMP = np.linspace(0, 1, 12)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (RAMP.reshape(3, 4), (3, 4)),
        (np.arange(24, dtype=np.uint8).reshape(2, 4, 3), (2, 4, 3)),
        (np.zeros((3, 5, 7)), (5, 7, 3)),
        (np.zeros((1, 5, 7)), (5, 7)),
        (np.full((2, 2), np.nan), (2, 2)),
        (np.zeros((2, 2, 4)), (2, 2, 4)),
        (np.array([[True, False]]), (1, 2)),
        (Image.new("RGB", (4, 2)), (2, 4, 3)),
    ],
)
def test_pictures_read_back_as_they_are(value: Any, shape: tuple[int, ...]) -> None:
    kind, data = piece(value)
    assert (kind, type_of(data, kind)) == ("image", "image/png")
    read = np.asarray(Image.open(io.BytesIO(data)))
    assert read.shape == shape
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        assert read.tolist() == value.tolist()


def test_a_sound_a_text_and_a_table_read_back() -> None:
    kind, data = piece(np.array([0.0, 1.0, -2.0, math.nan]), rate=8000)
    assert type_of(data, kind) == "audio/wav"
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
        assert np.frombuffer(sound.readframes(4), "<i2").tolist() == [0, 32767, -32767, 0]
    assert piece("<b>ü</b>") == ("text", "<b>ü</b>".encode())
    for table in ([{"a": 1, "b": math.nan}, {"a": np.float32(2)}], {"a": [1, 2.0], "b": ["nan", None]}):
        kind, data = piece(table)
        assert type_of(data, kind) == "application/json"
        assert json.loads(data) == {"columns": ["a", "b"], "rows": [[1, "nan"], [2.0, None]]}


HUGE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("image", b"<html><script>alert(1)</script>"),
        ("image", b"RIFF\0\0\0\0WAVEfmt "),
        ("sound", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("image", HUGE),
        ("image", b""),
        ("text", b"\xff\xfe"),
        ("text", b"x" * (LARGEST + 1)),
        ("table", b"[]"),
        ("table", b'{"columns": ["a"], "rows": [[1, 2]]}'),
        ("table", b'{"columns": ["a"], "rows": [[1]], "script": 1}'),
    ],
)
def test_what_is_no_such_item_is_refused(kind: Any, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        type_of(data, kind)


def test_whatever_is_shown_nothing_raises_and_one_line_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    odd = [
        object(),
        None,
        np.zeros(5),
        np.zeros((2, 2, 2, 2)),
        tmp_path / "none.png",
        "x" * LARGEST * 2,
        [],
        {},
    ]
    for value in odd:
        run.media("odd", value)
    run.media("", "text")
    run.media("step", "text", step=-1)
    run.media("fine", "text")
    run.media("again", "text")
    run.finish()
    assert sum("can't be shown" in line for line in caplog.messages) == 1
    assert len([*(tmp_path / run.id / "media").iterdir()]) <= 2
