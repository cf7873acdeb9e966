"""rhoscope with its server: a guest run that is sent while it is written."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.rig.trackers.rhoscope_offline import Offline
from benchmarks.rig.trackers.tracker import Curve, Server

POINTS = 2_000


class Online(Offline):
    """A guest run through a running server, with the Redis-protocol server and the store it comes with."""

    unreadable = ""
    says = (
        "`rhoscope.init(url=...)` and `run.log` while its server runs on the same cores, which the training "
        "thread shares; bytes are those of the server's store. Read over HTTP as its page does, at most "
        "2,000 points of a series, spikes kept."
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.files = folder.with_name(f"{folder.name}-files")
        self._last = -1

    def begin(self, run: str) -> None:
        self.serve()
        self.address = {"url": f"http://127.0.0.1:{self._asked.port}"}
        self._last = -1
        super().begin(run)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        super().log(step, values)
        self._last = step

    def finish(self) -> None:
        """The run is stored once the server gives its last step back."""
        super().finish()
        while self._last >= 0 and not self._arrived():
            time.sleep(0.02)

    def serve(self) -> None:
        if self.server:
            return
        from rhoscope.environment import Environment
        from rhoscope.local import embedded

        environment = Environment(data_dir=self.folder)
        self._broker: subprocess.Popen[bytes] = embedded.start(environment)
        os.environ["RHOSCOPE_DATA_DIR"] = str(self.folder)
        log = self.folder / "backend.log"
        command = [sys.executable, "-m", "backend", "--port"]
        self.server = Server(lambda port: [*command, str(port)], log, "/healthz")

    def close(self) -> None:
        if self.server:
            from rhoscope.local.process import end

            super().close()
            end(self._broker)

    def _arrived(self) -> bool:
        return any(one["values"] for one in self._series(self._run.id, "", start=self._last).values())

    def seen(self, run: str, series: str, step: int) -> bool:
        return bool(self._series(self._ids[run], series, start=step).get(series, {}).get("values"))

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        curves = []
        for run in runs:
            result = self._series(self._ids[run], ",".join(names))
            curves += [Curve(len(one["steps"]), one["steps"][-1]) for one in result.values() if one["steps"]]
        return curves

    def listing(self) -> int:
        return len((self.get("/api/v1/runs", limit=1_000) or {}).get("runs", ()))

    def _series(self, run: str, names: str, **steps: int) -> dict[str, Any]:
        answer = self.get(f"/api/v1/runs/{run}/series", names=names, points=POINTS, **steps) or {}
        return {one["name"]: one for one in answer.get("series", ())}


TRACKER = Online
