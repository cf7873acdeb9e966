"""A real PostgreSQL server of Debian's, on a port and in a folder of its own."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from instrument import free_port, wait_for

from rhoscope.local.process import end, spawn

_NUMBERS = itertools.count(1)


class Postgres:
    """Started at once; may be ended and started again on the same data."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="rhoscope-pg-"))
        self.port = free_port()
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._as_user: list[str] = []
        if os.getuid() == 0:  # the server refuses to be root
            shutil.chown(self.home, "postgres")
            self._as_user = ["runuser", "-u", "postgres", "--"]
        options = ["-D", str(self.home / "data"), "-U", "rhoscope", "-A", "trust", "--no-sync"]
        subprocess.run([*self._as_user, str(self._bin / "initdb"), *options], check=True, capture_output=True)
        self.start()

    def start(self) -> None:
        serve = [str(self._bin / "postgres"), "-D", str(self.home / "data"), "-p", str(self.port)]
        serve += ["-k", str(self.home), "-F"]  # nothing waits for the disk; the power is never cut here
        serve += ["-c", "autovacuum=off", "-c", "bgwriter_delay=10s"]  # what is in it lives for seconds
        self.process = spawn([*self._as_user, *serve], log=Path(f"{self.home}.log"))
        wait_for(self._answers, 30, "PostgreSQL")

    def stop(self) -> None:
        end(self.process)

    def crash(self) -> None:
        """PostgreSQL's immediate shutdown: nothing is tidied up, and the next start recovers from the log."""
        pid = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        self.process.wait(20)

    def remove(self) -> None:
        self.stop()
        subprocess.run(["rm", "-rf", self.home], check=False)  # by Python its many files take seconds
        Path(f"{self.home}.log").unlink(missing_ok=True)

    def database(self, model: str = "template1") -> str:
        """The address of a new database: a copy of `model`, to which nobody may be connected, or empty."""
        name = f"rhoscope_{next(_NUMBERS)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name} TEMPLATE {model}")
        return self._address(name)

    def _address(self, database: str) -> str:
        return f"postgresql://rhoscope@127.0.0.1:{self.port}/{database}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
