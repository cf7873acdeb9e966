"""A log does not grow for ever, and the program that writes it notices nothing."""

from pathlib import Path

from rhoscope.local import logs


def test_a_large_log_is_moved_into_parts_while_its_program_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "backend.log"
    with log.open("ab") as program:
        for round_ in range(6):
            program.write(b"%d" % round_ * 100)
            program.flush()
            assert not logs.rotate(log, 100)
            program.write(b"\n")
            program.flush()
            assert logs.rotate(log, 100)
            assert log.stat().st_size == 0
    parts = sorted(path.name for path in tmp_path.iterdir())
    assert parts == ["backend.log", "backend.log.1", "backend.log.2", "backend.log.3"]
    assert (tmp_path / "backend.log.1").read_bytes() == b"5" * 100 + b"\n"
    assert (tmp_path / "backend.log.3").read_bytes() == b"3" * 100 + b"\n"


def test_a_log_that_is_not_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    assert not logs.rotate(tmp_path / "none.log")
