"""One nursery for all processes of a suite: what programs load is loaded once, not once for each."""

import atexit
import os
import select
import shutil
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path

from loaded import ready
from nursery import SHARED, Nursery, serve

from rhoscope.local import fork, guise


def share() -> None:
    """Let processes of tests that we start from now on find it; it is gone when we are."""
    if not (fork.AVAILABLE and guise.WHOLE):
        return
    folder = Path(tempfile.mkdtemp(prefix="nursery-"))
    atexit.register(shutil.rmtree, folder)
    os.environ[SHARED] = str(folder / "door")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(os.environ[SHARED])
        door.listen()
        Nursery().start(__file__, doors=[door.fileno()])


def receive(house: socket.socket, door: socket.socket) -> None:
    """Serve whoever comes, each in a copy of this process, until nobody is left at home."""
    while house not in select.select([house, door], [], [])[0]:
        guest, _ = door.accept()
        if os.fork() == 0:
            house.close()
            door.close()
            fork.perform(partial(serve, guest))
        guest.close()


if __name__ == "__main__":
    ready()
    receive(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
