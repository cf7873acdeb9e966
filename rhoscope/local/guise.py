"""How the system shows a process to others: its command line, its environment, its name.

Whoever looks for a program must find it whether it was started or forked. The system reads command line and
environment in the memory of the process itself; Linux lets a process say where, without any privilege
(`prctl(2)`, PR_SET_MM_MAP), if its kernel was built for that, as those of distributions are.
"""

import ctypes
import mmap
import os
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_SET_NAME, _SET_MM, _MAP, _MAP_SIZE = 15, 35, 14, 15
_LAYOUT = struct.Struct("=12QII")
"""`struct prctl_mm_map` of 64 bits: eleven addresses, a pointer and the size of what it points to, a file."""
_SEGMENTS = (26, 27, 45, 46, 47, 47, 28)
"""Places in proc_pid_stat(5): code, data, the heap's start (also for its end, which it lacks), the stack."""
_HEAP_END, _NO_FILE = 5, 2**32 - 1
_SHOWN = slice(47, 51)
"""From the 48th place on: start and end of the command line, of the environment."""
_pages: list[mmap.mmap] = []


def take(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Show these, and a name as that of `command`, in place of what this process was started with; on Linux.

    Where the kernel does not let us, the environment stays, and of the command line there is what its place
    has room for.

    Raises:
        OSError, ValueError: when /proc can't be read.
    """
    ctypes.CDLL(None).prctl(_SET_NAME, Path(command[0]).name.encode()[:15], 0, 0, 0)
    arguments = _joined(command)
    shown = _joined(f"{name}={value}" for name, value in environment.items())
    if not (WHOLE and _moved(arguments, shown)):
        start, end, *_ = _places()[_SHOWN]
        ctypes.memmove(start, arguments[: end - start - 1].ljust(end - start, b"\0"), end - start)


def _joined(words: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _places() -> list[int]:
    """Fields in which the system describes this process, addresses among them."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return [0, 0, 0, *(int(field) for field in fields[1:])]  # number and name, and the state, a letter


def _moved(arguments: bytes, environment: bytes) -> bool:
    """Let the kernel look for both in a page of ours; whether it does."""
    page = mmap.mmap(-1, len(arguments) + len(environment), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page.write(arguments + environment)
    _pages.append(page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    middle = start + len(arguments)
    return _looks_at([start, middle, middle, middle + len(environment)])


def _looks_at(shown: Sequence[int]) -> bool:
    """Whether the kernel looks at these four addresses from now on, all others being as they are."""
    libc, places = ctypes.CDLL(None), _places()
    segments = [places[place - 1] for place in _SEGMENTS]
    request = ctypes.create_string_buffer(_LAYOUT.size)
    libc.sbrk.restype = ctypes.c_void_p
    segments[_HEAP_END] = libc.sbrk(0)
    _LAYOUT.pack_into(request, 0, *segments, *shown, 0, 0, _NO_FILE)
    return bool(libc.prctl(_SET_MM, _MAP, request, _LAYOUT.size, 0) == 0)


def _supported() -> bool:
    """Whether the kernel knows the request in this layout, and grants it: tried with what is so already."""
    if sys.platform != "linux":
        return False
    size = ctypes.c_uint(0)
    if ctypes.CDLL(None).prctl(_SET_MM, _MAP_SIZE, ctypes.byref(size), 0, 0) or size.value != _LAYOUT.size:
        return False
    try:
        return _looks_at(_places()[_SHOWN])
    except (OSError, ValueError, IndexError):
        return False


WHOLE = _supported()
"""Whether `take` shows all of a command line and an environment, whatever their length."""
