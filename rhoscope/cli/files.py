"""Files that commands write: whole, or not at all."""

from collections.abc import Iterable
from pathlib import Path

from rhoscope.errors import InvalidInput


def save(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file; what was there stays until all of it has come.

    Raises:
        InvalidInput: when it can't be written.
        RhoscopeError: as getting the pieces does; what was there stays then, too.
    """
    part = path.parent / f"{path.name}.part"
    try:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder; name a file in it with --out.")
        try:
            with part.open("wb") as target:
                target.writelines(pieces)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise InvalidInput(f"{path} can't be written ({reason}); choose another file with --out.") from error
