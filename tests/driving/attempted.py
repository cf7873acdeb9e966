"""One attempt at a run of a user's program, as an agent starts it: its host and a real Redis, no API."""

import os
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nursery
from instrument import wait_for
from redis import Redis

from rhoscope import keys
from rhoscope.commands import Command
from rhoscope.local.process import end
from rhoscope.projects.file import FILE
from rhoscope.records import MAGIC, Block, Event
from rhoscope.spec import RunSpec

PYTHON = sys.executable


def project(folder: Path, text: str, **files: str) -> Path:
    """A project in this folder, with the files beside; `{python}` in the text is our interpreter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(text.replace("{python}", PYTHON), encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    return folder


class Attempt:
    """Started at once; `folder` holds the worker's data, `homes` are its projects."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *homes: Path,
        settings: Mapping[str, Any] | None = None,
        program: str = "net",
    ) -> None:
        self.run = uuid.uuid4().hex[:12]
        self.redis = Redis.from_url(url)
        spec = RunSpec(program=program, settings=dict(settings or {}))
        self.redis.set(keys.spec(self.run), spec.model_dump_json())
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "host.log"
        given = {"RHOSCOPE_REDIS_URL": url, "RHOSCOPE_DATA_DIR": str(folder)}
        given["RHOSCOPE_PROJECTS"] = os.pathsep.join(map(str, homes))
        command = [PYTHON, "-m", "trainer.programs.host", "--run", self.run, "--attempt", "1"]
        self.host = nursery.spawn(command, env=os.environ | given, log=self.log)

    def order(self, verb: str, **fields: Any) -> None:
        order = {"id": uuid.uuid4().hex, "verb": verb, "time": time.time(), "who": "ann", **fields}
        self.redis.xadd(keys.commands(self.run), {"c": Command.model_validate(order).model_dump_json()})

    def _records(self) -> list[bytes]:
        entries: Any = self.redis.xrange(keys.records(self.run))
        return [next(iter(fields.values())) for _, fields in entries]

    def events(self, kind: str) -> list[Event]:
        decoded = [Event.decode(record) for record in self._records() if record[:4] != MAGIC]
        return [event for event in decoded if event.kind == kind]

    def blocks(self) -> list[Block]:
        return [Block.decode(record) for record in self._records() if record[:4] == MAGIC]

    def printed(self) -> list[str]:
        """The lines of its console so far."""
        return [line for event in self.events("console") for line in event.data["lines"]]

    def outcome(self, timeout_s: float = 40) -> tuple[str, str]:
        """State and reason, once its host has ended; both empty where another attempt is to follow."""
        try:
            self.host.wait(timeout_s)
        finally:
            end(self.host)
        finished = self.events("finished")
        return (finished[0].data["state"], finished[0].data["reason"]) if finished else ("", "")

    def until_printed(self, line: str) -> None:
        wait_for(lambda: line in self.printed(), 30, f"the line {line!r}")
