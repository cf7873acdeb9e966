"""Slurm: each attempt is a batch job. Needs sbatch, squeue and scancel where the back end runs."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

from typing_extensions import override

from backend.launching.engines.engine import Engine, EngineAway, Ticket
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput

TIMEOUT_S = 30.0
PREFIX = "rhoscope-"
NOTICE_S = 120
"""Seconds before a job's time limit at which Slurm signals it to end: time for a checkpoint."""


class Slurm(Engine):
    """Jobs are found again by their names; Slurm never starts one a second time by itself.

    RHOSCOPE_FLEET_OPTIONS goes to sbatch as it is, `{processes}` in it replaced: `--partition=gpu
    --gpus={processes}`. The environment of the back end goes along, so that jobs find Redis and checkpoints.
    """

    patience_s = 120.0

    def __init__(self, environment: Environment) -> None:
        missing = [tool for tool in ("sbatch", "squeue", "scancel") if shutil.which(tool) is None]
        if missing:
            message = (
                f"'slurm' needs {', '.join(missing)} on the PATH; install Slurm's client tools, or use rq"
            )
            raise InvalidInput.field("RHOSCOPE_ENGINE", message, "slurm")
        self._options = environment.fleet_options
        self._places = environment.fleet_places
        self._logs = environment.log_dir
        self._python = environment.fleet_python or sys.executable

    @override
    def places(self, workers: int) -> int:
        return self._places

    @override
    def waiting(self) -> Sequence[str]:
        """Pending jobs of ours, in the order they were submitted."""
        lines = _ask("squeue", "--me", "--noheader", "--states=PENDING,CONFIGURING", "--format=%i %j")
        jobs = [line.split(maxsplit=1) for line in lines.splitlines() if line.strip()]
        ours = sorted((int(job), name) for job, name in jobs if name.startswith(PREFIX) and job.isdigit())
        return [name.removeprefix(PREFIX) for _, name in ours]

    @override
    def submit(self, ticket: Ticket) -> None:
        name = f"{PREFIX}{ticket.name}"
        if _ask("squeue", "--me", "--noheader", f"--name={name}", "--format=%i").strip():
            return
        self._logs.mkdir(parents=True, exist_ok=True)
        options = shlex.split(self._options.replace("{processes}", str(ticket.processes)))
        command = [self._python, "-m", "trainer.job", ticket.run, str(ticket.attempt)]
        fixed = [
            f"--job-name={name}",
            "--parsable",
            "--no-requeue",
            "--open-mode=append",
            f"--output={self._logs / ticket.run}.slurm.log",
            f"--signal=B:TERM@{NOTICE_S}",
        ]
        _ask("sbatch", *options, *fixed, f"--wrap=exec {shlex.join(command)}")

    @override
    def withdraw(self, name: str) -> None:
        _ask("scancel", "--me", "--state=PENDING", f"--name={PREFIX}{name}")


def _ask(*command: str) -> str:
    """The output of a Slurm command. Raises: EngineAway."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineAway(f"Slurm's {command[0]} does not answer: {error}") from error
    if done.returncode:
        raise EngineAway(f"Slurm's {command[0]} failed: {done.stderr.strip()[:300]}")
    return done.stdout
