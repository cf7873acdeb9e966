"""W&B without its cloud: files, read by its own terminal display."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from benchmarks.rig.trackers.tracker import PROJECT, Curve, Tracker, Unable


class WandB(Tracker):
    """`mode="offline"`."""

    package = "wandb"
    says = (
        '`mode="offline"`, `run.log` of a step\'s values. It has no server without its cloud; files are read '
        "by `wandb leet inspect --json`, which prints every record, and while a run writes with `--follow`."
    )

    def begin(self, run: str) -> None:
        import wandb

        settings = wandb.Settings(silent=True)
        self._run: Any = wandb.init(
            project=PROJECT, name=run, mode="offline", dir=str(self.folder), settings=settings
        )
        self._files = getattr(self, "_files", {})
        self._files[run] = Path(self._run.dir).parent / f"run-{self._run.id}.wandb"

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step, commit=True)

    def finish(self) -> None:
        self._run.finish()

    def close(self) -> None:
        if follower := self.__dict__.pop("_follower", None):
            follower.terminate()
            follower.wait()

    def seen(self, run: str, series: str, step: int) -> bool:
        if "_follower" not in self.__dict__:
            self._follow(run)
        try:
            while True:
                item = json.loads(self._lines.get_nowait()).get("history", {}).get("item", {})
                self._newest = max(self._newest, item["_step"] if series in item else -1)
        except Empty:
            return self._newest >= step

    def _follow(self, run: str) -> None:
        command = self._inspect("--follow", self._files[run])
        follower = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._follower, self._newest = follower, -1
        self._lines: SimpleQueue[str] = SimpleQueue()

        def read() -> None:
            for line in follower.stdout or ():
                self._lines.put(line)

        Thread(target=read, daemon=True).start()

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        result = []
        for run in runs:
            done = subprocess.run(
                self._inspect(self._files[run]), capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Unable(f"wandb leet inspect: {done.stderr.strip()[-120:]}")
            records = (json.loads(line) for line in done.stdout.splitlines() if '"type":"history"' in line)
            steps = [item["_step"] for record in records if names[0] in (item := record["history"]["item"])]
            result += [Curve(len(steps), steps[-1])] * len(names)
        return result

    def listing(self) -> int:
        raise Unable("its files have no list of runs with values; `wandb leet` shows folders")

    def _inspect(self, *options: str | Path) -> list[str]:
        program = Path(sys.executable).with_name("wandb")
        return [str(program), "leet", "inspect", "--json", *map(str, options)]


TRACKER = WandB
