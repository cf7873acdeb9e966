"""Several processes of one group, as `torchrun` starts them on one machine, but copies of the nursery."""

import os
import subprocess
import sys
from pathlib import Path

import nursery
from instrument import free_port, wait_for

DRIVING = Path(__file__).parent


def run(module: str, count: int, *arguments: str, timeout_s: float = 200, **environment: str) -> None:
    """Run a module beside this one in so many processes until all have ended.

    Raises:
        CalledProcessError: when one of them fails; the others are killed.
    """
    command = [sys.executable, "-m", module, *arguments]
    shared = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "PYTHONPATH": str(DRIVING),
        "TORCHELASTIC_RUN_ID": "together",
        "WORLD_SIZE": str(count),
        **environment,
    }
    group = [
        nursery.begin(command, env=shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(count)
    ]

    def over() -> bool:
        codes = [process.poll() for process in group]
        return any(codes) or None not in codes

    try:
        wait_for(over, timeout_s, "the group to end")
    finally:
        for process in group:
            if process.poll() is None:
                process.kill()
            process.wait()
    for process in group:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
