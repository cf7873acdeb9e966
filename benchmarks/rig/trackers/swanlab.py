"""SwanLab without its cloud, with its local dashboard."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.rig.trackers.swanlab_offline import Offline
from benchmarks.rig.trackers.tracker import Curve, Server


class Local(Offline):
    """`mode="local"`, which its dashboard for one machine reads."""

    mode = "local"
    unreadable = ""
    capacity: int | None = 4_000
    says = (
        '`mode="local"`, which its dashboard for one machine reads. `swanlab.log` returns at once, and a '
        "thread then writes a few hundred values a second, so only {capacity:,} values are waited for. "
        "Read over HTTP as its page does, series by series."
    )

    def serve(self) -> None:
        program = str(Path(sys.executable).with_name("swanlab"))
        log = self.folder.with_suffix(".log")
        command = [program, "watch", str(self.folder), "--port"]
        self.server = Server(lambda port: [*command, str(port)], log, "/api/v1/project")
        self._numbers: dict[str, int] = {}

    def seen(self, run: str, series: str, step: int) -> bool:
        points = self._points(run, series)
        return bool(points) and int(points[-1]["index"]) >= step

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        each = [self._points(run, name) for run in runs for name in names]
        return [Curve(len(points), int(points[-1]["index"]) if points else -1) for points in each]

    def listing(self) -> int:
        return len(self._experiments())

    def _experiments(self) -> dict[str, int]:
        answer = self.get("/api/v1/project") or {}
        return {one["name"]: one["id"] for one in (answer.get("data") or {}).get("experiments", ())}

    def _points(self, run: str, series: str) -> list[dict[str, Any]]:
        if run not in self._numbers:
            self._numbers = self._experiments()
        if run not in self._numbers:
            return []
        answer = self.get(f"/api/v1/experiment/{self._numbers[run]}/tag/{quote(series)}") or {}
        result: list[dict[str, Any]] = (answer.get("data") or {}).get("list", [])
        return result


TRACKER = Local
