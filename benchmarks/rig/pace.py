"""Training's place taken by a metronome: the real ring and publisher, and a step of each run at a fixed rate.

    python -m benchmarks.rig.pace --redis URL --rate 100 --seconds 20 RUN ...

Takes each run's lease as a worker would, once the launcher wants its attempt, tells that it started, and
prints when each step was taken: one JSON object, {run: [Unix seconds]}, steps from 0.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping

import torch
from redis import Redis
from torch import Tensor

from rhoscope.lease import Lease
from rhoscope.local.process import wait_until
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import Ring
from trainer.attempt.assembly import Parts, build
from trainer.attempt.session import HOST_SERIES
from trainer.telemetry.publisher import Publisher

LEASE_S = 600.0
WANTED_S = 30.0
"""The launcher wants an attempt within one pass, if the queue has a place for its ticket."""


class Paced:
    """One run whose steps cost nothing."""

    def __init__(self, url: str, run: str, parts: Parts, total_steps: int) -> None:
        with Redis.from_url(url) as redis:
            lease = Lease(redis, run, 1, "pace", LEASE_S)
            wait_until(lease.take, lambda: True, f"The launcher's ticket for {run}", WANTED_S)
        self.run = run
        self.taken: list[float] = []
        self.publisher = Publisher(url, run, 1)
        names = tuple(s.name for s in parts.series if not s.sparse and s.name not in HOST_SERIES)
        self._names = names
        self._random = torch.Generator().manual_seed(len(run))
        self.ring = Ring(names, HOST_SERIES, torch.device("cpu"), self.publisher.rows)
        answer = {"modalities": list(parts.model.modalities), "start_step": 0, "total_steps": total_steps}
        series = [series.model_dump() for series in parts.series]
        self.publisher.event("started", 0, **answer, series=series, epochs=1, steps_per_epoch=total_steps)

    def step(self) -> None:
        """Take one step: a row of plausible numbers."""
        step = len(self.taken)
        drawn = torch.rand(len(self._names), generator=self._random) + 0.5
        self.taken.append(time.time())
        self.ring.append(step, self._row(drawn), dict.fromkeys(HOST_SERIES, 1.0))

    def _row(self, drawn: Tensor) -> Mapping[str, Tensor]:
        return dict(zip(self._names, drawn, strict=True))

    def finish(self) -> None:
        """Deliver everything and say that the run is complete."""
        self.ring.flush()
        self.publisher.event("finished", len(self.taken), state="completed", reason="")
        self.publisher.close(10)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--redis", required=True)
    parser.add_argument("--rate", type=float, default=100.0, help="steps per second and run")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    parts = build(RunSpec(settings={"device": "cpu"}))
    ticks = round(options.rate * options.seconds)
    paced = [Paced(options.redis, run, parts, ticks) for run in options.runs]
    began = time.monotonic()
    for tick in range(ticks):
        time.sleep(max(0.0, began + tick / options.rate - time.monotonic()))
        for run in paced:
            run.step()
    for run in paced:
        run.finish()
    sys.stdout.write(json.dumps({run.run: run.taken for run in paced}))


if __name__ == "__main__":
    main()
