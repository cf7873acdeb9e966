"""One of several processes that train one run: torchrun starts it with a list of trainings and a folder."""

import json
import sys
import time
from pathlib import Path

import torch
from recorded import Memory

from rhoscope.commands import Command
from rhoscope.spec import RunSpec
from trainer.attempt.controls import Controls
from trainer.attempt.loop import train
from trainer.attempt.session import Session
from trainer.checkpoints.checkpoint import Checkpoints
from trainer.checkpoints.storage import Folder
from trainer.replicas import ALONE, Group, leave, started
from trainer.run import start


class Scripted(Controls):
    """Gives each command before the step it names; only the first process has any."""

    def __init__(self, commands: dict[int, dict[str, object]]) -> None:
        super().__init__()
        self.commands = commands
        self.session: Session | None = None

    @property
    def attention(self) -> bool:
        if self.session and (answer := self.commands.pop(self.session.progress.step, None)):
            self.add(Command.model_validate({"id": "x", "time": time.time(), **answer}))
        return super().attention


def main(trainings: Path, folder: Path) -> None:
    replicas = Group() if started() else ALONE
    for name, training in json.loads(trainings.read_text()).items():
        sink = Memory(training.get("attempt", 1))
        commands = {int(step): answer for step, answer in training.get("commands", {}).items()}
        controls = Scripted(commands if replicas.first else {})
        place = Folder(folder / training.get("place", name))
        checkpoints = Checkpoints(place, training.get("attempt", 1))
        spec = RunSpec.model_validate(training["spec"])
        controls.session = start(spec, sink, controls, checkpoints, replicas=replicas)
        outcome = train(controls.session)
        parts = controls.session.parts
        weights = {**parts.model.state_dict(), **parts.strategy.state_dict()}
        rho = {m: torch.from_numpy(sink.series(f"rho.{m}").copy()) for m in parts.model.modalities}
        answer = {"weights": weights, "rho": rho, "state": outcome.state, "steps": sink.steps()}
        answer["tables"] = [event.data for event in sink.of("table")]
        torch.save(answer, folder / f"{name}-{replicas.rank}.pt")
    replicas.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    leave(0)
