"""One process at a time writes into a run's folder."""

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # this system has another kind of locks; attempts still have files of their own
    fcntl = None  # type: ignore[assignment]


class Lock:
    """Held until `release`, or until the process ends, however it does.

    Where the file system has no locks, everybody gets it.
    """

    _held: dict[str, int] = {}

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"

    def take(self) -> bool:
        """Whether we have it. Raises: OSError, when there can be no file."""
        if fcntl is None or str(self._path.resolve()) in self._held:
            return True
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            return True
        self._held[str(self._path.resolve())] = file
        return True

    def release(self) -> None:
        """Nothing is written any more; a process of many runs would else keep a file of each open."""
        file = self._held.pop(str(self._path.resolve()), None)
        if file is not None:
            os.close(file)

    @classmethod
    def forget(cls) -> None:
        """This is a forked child: its parent has the locks, also once this one is all that is left of it."""
        for file in cls._held.values():
            os.close(file)
        cls._held.clear()

    def taken(self) -> bool:
        """Whether a process has it, this one included."""
        if not self._path.exists():
            return False
        if str(self._path.resolve()) in self._held or not self.take():
            return True
        self.release()
        return False
