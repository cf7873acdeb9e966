"""Files of other trackers as runs: every value, twice is once, and one sentence for each fault."""

import json
import math
import struct
import sys
import zlib
from pathlib import Path

import pytest
from guest_files import GuestFile
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

from rhoscope import cli
from rhoscope.errors import InvalidInput
from rhoscope.guests import GuestSpec
from rhoscope.tracker.archives import Archive, sources
from rhoscope.tracker.transcript import transcribe

DATA = Path(__file__).parent / "data"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # tensorboard's own


def read(path: Path) -> Archive:
    (source,) = sources(path)
    return source.read()


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit code of `rhoscope import ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", ["rhoscope", "import", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def events(folder: Path, values: dict[int, float], tag: str = "loss", start: int = 0) -> Path:
    writer = EventFileWriter(str(folder), filename_suffix=f".{start}")
    if start:
        begun = SessionLog(status=SessionLog.START)
        writer.add_event(Event(wall_time=2000.0, step=start, session_log=begun))
    for step, value in values.items():
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(wall_time=1000.0 + step, step=step, summary=summary))
    writer.close()
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def test_event_files_of_a_folder_are_one_run_with_its_times_and_a_resumed_part_replaces(
    tmp_path: Path,
) -> None:
    events(tmp_path / "a", {step: step / 2 for step in range(6)})
    events(tmp_path / "a", {3: 30.0, 4: 40.0}, start=3)
    events(tmp_path / "b" / "c", {0: 1.0})
    first, second = (source.read() for source in sources(tmp_path))
    assert (first.name, second.name) == ("a", "c")
    assert first.table.rows == {
        s: {"loss": v} for s, v in [(0, 0.0), (1, 0.5), (2, 1.0), (3, 30.0), (4, 40.0)]
    }
    assert first.table.times[2] == 1002.0
    assert first.key != second.key


def test_scalars_of_both_generations_are_read_and_other_summaries_left_out(tmp_path: Path) -> None:
    writer = EventFileWriter(str(tmp_path))
    marked = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
    for step in range(2):  # metadata comes with the first value only
        value = Summary.Value(tag="new", tensor=make_tensor_proto(0.5 + step), metadata=marked)
        other = Summary.Value(tag="text", tensor=make_tensor_proto("words"))
        writer.add_event(Event(step=step, wall_time=1.0, summary=Summary(value=[value, other])))
        marked = SummaryMetadata()
    writer.add_event(Event(step=-1, summary=Summary(value=[Summary.Value(tag="old", simple_value=1.0)])))
    writer.close()
    archive = read(tmp_path)
    assert archive.table.rows == {0: {"new": 0.5}, 1: {"new": 1.5}}
    assert archive.table.outside == 1


def test_a_run_of_wandb_is_read_with_its_settings(tmp_path: Path) -> None:
    archive = read(DATA)
    assert (archive.name, archive.project, archive.tags, archive.state) == (
        "first",
        "bridges",
        ["x"],
        "completed",
    )
    assert archive.config == {"lr": 0.1, "net.depth": 3}
    assert archive.table.rows[7] == {
        "rho.a": 1 + 7 / 50,
        "rho.b": 1 / (1 + 7 / 50),
        "loss": 3 - 7 / 20,
        "step": 7,
    }
    assert archive.table.rows[50] == {"loss": 9.0, "step": 5.0}
    assert archive.table.times[0] == pytest.approx(1.795983424e9, abs=10)
    done = transcribe(next(sources(DATA)), archive, tmp_path)
    file = GuestFile(tmp_path)
    assert file.series("rho.b") == {step: 1 / (1 + step / 50) for step in range(50)}
    assert file.of("started")[0].data["modalities"] == ["a", "b"]
    assert file.of("finished")[0].time == archive.table.times[50]
    spec = GuestSpec.model_validate_json((done.folder / "run.json").read_text())
    assert (spec.name, spec.project, spec.config["lr"]) == ("first", "bridges", 0.1)


def message(*fields: tuple[int, bytes | int | float]) -> bytes:
    """Protocol Buffers, written by hand."""
    out = b""
    for number, value in fields:
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif isinstance(value, float):
            out += varint(number << 3 | 1) + struct.pack("<d", value)
        else:
            out += varint(number << 3) + varint(value)
    return out


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def logged(*records: bytes) -> bytes:
    """A file of W&B: records over blocks of 32 KiB."""
    out = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        rest, kind = record, 0
        while rest or not kind:
            room = 32768 - len(out) % 32768
            if room < 7:
                out += b"\0" * room
                continue
            part, rest = rest[: room - 7], rest[room - 7 :]
            kind = (2 if rest else 1) if not kind else (3 if rest else 4)
            out += struct.pack("<IHB", zlib.crc32(part, zlib.crc32(bytes([kind]))), len(part), kind) + part
    return bytes(out)


def test_records_over_blocks_and_values_of_newer_files_are_read(tmp_path: Path) -> None:
    words = message((16, json.dumps("y" * 200_000).encode()), (1, b"long"))
    config = message((5, message((1, words))))
    items = [
        message((1, b"double"), (6, 0.25)),
        message((1, b"integer"), (5, 13)),  # zigzag: -7
        message((1, b"gone"), (7, b"NaN")),
        message((1, b"text"), (7, b"words")),
        message((2, b"nested"), (2, b"one"), (16, b"3")),
        message((1, b"huge"), (16, b"1" + b"0" * 400)),
        message((1, b"deep"), (16, b"[" * 100_000)),
        message((1, b"_timestamp"), (16, b"1700000000")),
    ]
    history = message((2, message(*((1, item) for item in items), (2, message((1, 4))))))
    (tmp_path / "run-x.wandb").write_bytes(logged(config, history, message((18, message((1, 1))))))
    archive = read(tmp_path)
    assert archive.state == "failed"
    assert len(archive.config["long"]) == 200_000
    row = archive.table.rows[4]
    assert (row["double"], row["integer"], row["nested.one"], row["huge"]) == (0.25, -7, 3, math.inf)
    assert math.isnan(row["gone"])
    assert row.keys() == {"double", "integer", "nested.one", "huge", "gone"}
    assert archive.table.times[4] == 1.7e9


TABLES = {
    "step,loss,note\n0,0.5,x\n2,0.25,y\n": {0: {"loss": 0.5}, 2: {"loss": 0.25}},
    "loss\n0.5\n\n0.25\n": {0: {"loss": 0.5}, 1: {"loss": 0.25}},
    "epoch;acc\n1;0.5\n2;nan\n": {1: {"acc": 0.5}, 2: {"acc": math.nan}},
    "\ufeffepoch,step,train,val\n0,9,1,\n0,9,,2\n": {9: {"epoch": 0.0, "train": 1.0, "val": 2.0}},
    "Wall time,Step,Value\n1700000000.5,3,0.5\n": {3: {"Value": 0.5}},
    "step,loss\n0,1\n1,2\n2,3\n1,20\n": {0: {"loss": 1.0}, 1: {"loss": 20.0}, 2: {"loss": 3.0}},
    "epoch,loss\n0,1\n0,2\n1,3\n": {
        i: {"epoch": e, "loss": float(i + 1)} for i, e in enumerate((0.0, 0.0, 1.0))
    },
    "step,loss\n0,1,7,8\n1\nx,3\n1.5,4\n-1,5\ninf,6\n": {0: {"loss": 1.0}},
    "time,loss\n2023-11-14T22:13:20,1\n": {0: {"loss": 1.0}},
}


@pytest.mark.parametrize("text", TABLES)
def test_a_table_is_a_run_with_the_steps_it_names(text: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    archive = read(tmp_path)
    assert repr(dict(sorted(archive.table.rows.items()))) == repr(TABLES[text])
    if "ime" in text:
        assert next(iter(archive.table.times.values())) == pytest.approx(1.7e9, abs=1)


def test_twice_is_once_and_a_file_that_has_grown_is_a_new_attempt_of_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table, kept = tmp_path / "log.csv", tmp_path / "kept"
    table.write_text("step,loss\n0,1\n1,2\n")
    for _time in range(2):
        assert call(monkeypatch, table, "--dir", kept, "--offline") == 0
    assert "imported before" in capsys.readouterr().out
    assert [path.name for path in kept.glob("*/attempt-*.rj")] == ["attempt-1.rj"]
    table.write_text("step,loss\n0,1\n1,20\n2,3\n")
    assert call(monkeypatch, table, "--dir", kept, "--offline", "--project", "mine") == 0
    again = GuestFile(kept, attempt=2)
    assert again.series("loss") == {0: 1.0, 1: 20.0, 2: 3.0}
    assert again.of("started")[0].data["start_step"] == 0


TORN = b":W&B\xe1\xbe\x00" + b"\x01" * 40
MANY = ",".join(f"c{i}" for i in range(2001))
FAULTS = {
    "nowhere": (None, "There is no file or folder"),
    "notes.txt": (b"words", "is known; expected event files of TensorBoard"),
    "words.csv": (b"a,b\nx,y\n", "has no column with numbers; its columns are a, b"),
    "only-steps.csv": (b"step\n1\n2\n", "has no column with numbers"),
    "empty.csv": (b"", "has no column with numbers"),
    "bytes.csv": (b"a\n\xff\xfe\x00", "is no table of comma-separated values"),
    "many.csv": (
        f"{MANY}\n{MANY.replace('c', '')}\n".encode(),
        "holds 2,001 series; a run takes up to 2,000",
    ),
    "run-torn.wandb": (TORN, "is torn: it reads up to byte 7 of 47"),
    "run-other.wandb": (b"PK", "is no run of W&B"),
    "run-empty.wandb": (TORN[:7], "holds no number with a step"),
    "events.out.tfevents.1": (b"\x00" * 40, "is torn or no event file: it reads up to byte 0 of 40"),
    "events.out.tfevents.2": (b"", "holds no number with a step"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_can_not_be_read_is_one_sentence_and_exit_code_2(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = FAULTS[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert call(monkeypatch, tmp_path / name, "--dir", tmp_path / "kept", "--offline") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert words in said
    assert said.count("Error:") == 1
    assert not list(tmp_path.glob("kept/*/attempt-*.rj"))


@pytest.mark.parametrize("kind", ["tensorboard", "wandb"])
def test_of_a_torn_file_all_before_the_tear_is_imported_and_the_tear_said(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "tensorboard":
        path = events(tmp_path / "runs", {step: float(step) for step in range(9)})
    else:
        path = tmp_path / "run-a.wandb"
        path.write_bytes(next(DATA.rglob("*.wandb")).read_bytes())
    path.write_bytes(path.read_bytes()[: -300 if kind == "wandb" else -5])
    whole = tmp_path / "whole.csv"
    whole.write_text("step,loss\n0,1\n")
    assert call(monkeypatch, path, whole, "--dir", tmp_path / "kept", "--offline") == 2
    said = capsys.readouterr()
    assert "torn" in said.err
    assert said.out.count("imported, from") == 2


def test_a_run_that_the_server_has_from_another_folder_is_a_later_attempt_of_it(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("loss\n1\n")
    (source,) = sources(tmp_path)
    done = transcribe(source, source.read(), tmp_path / "kept", last_attempt=lambda _run: 3)
    assert GuestFile(tmp_path / "kept", attempt=4).series("loss") == {0: 1.0}
    assert not transcribe(source, source.read(), tmp_path / "kept", last_attempt=lambda _run: 4).new
    assert done.new


def test_a_folder_that_can_not_be_written_to_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("loss\n1\n")
    assert call(monkeypatch, tmp_path / "log.csv", "--dir", tmp_path / "log.csv", "--offline") == 2
    assert "can't be written to" in capsys.readouterr().err


def test_names_that_nobody_could_keep_are_shortened_and_stay_apart(tmp_path: Path) -> None:
    long = "x" * 300
    (tmp_path / "log.csv").write_text(f"{long}a,{long}b,\x1b[2J\n1,2,3\n", encoding="utf-8")
    transcribe(next(sources(tmp_path)), read(tmp_path), tmp_path / "kept")
    names = GuestFile(tmp_path / "kept").names
    assert len(names) == 3
    assert max(map(len, names)) <= 200


def test_without_tensorboard_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events(tmp_path, {0: 1.0})
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(ImportError, match=r"pip install 'rhoscope\[tensorboard\]'"):
        read(tmp_path)


def test_a_source_without_numbers_raises(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,loss\n-1,1\n")
    with pytest.raises(InvalidInput, match="no column with numbers"):
        read(tmp_path)
