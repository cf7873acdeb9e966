"""Ended runs for what only looks at them: trained in this process, then stored as the recorder stores them.

Curves, tables and events are real ones; but no process starts, which would take a hundred times as long.
There are no checkpoints and no log, and workers, queue and steering are not seen: these need a launch.
"""

from itertools import product
from typing import Any

import filled
from instrument import Instrument
from recorded import Controls, Memory
from sqlalchemy import Connection

from backend.store import runs, stream, sweeps
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.records import Block, Event
from rhoscope.runs import Run, Sweep, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import Rows
from trainer.run import execute, start


class Recording(Memory):
    """Keeps rows and events of a run in the order in which they came."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self.run = run
        self.entries: list[stream.Entry] = []

    def rows(self, rows: Rows) -> None:
        self._keep(b"b", self.block_of(rows))

    def put(self, event: Event) -> None:
        self._keep(b"e", event)

    def _keep(self, field: bytes, content: Block | Event) -> None:
        position = (self.attempt, len(self.entries) + 1)
        self.entries.append(stream.decode(self.run, position, {field: content.encode()}))


def trained(instrument: Instrument, *given: dict[str, Any]) -> list[Run]:
    """These runs, ended."""
    catalog = instrument.client.catalog()
    specs = [RunSpec.model_validate(one) for one in given]
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    with store.writing() as db:  # in one transaction: nobody sees them queued, and starts them
        ids = [runs.create(db, spec, catalog.check(spec)) for spec in specs]
        for run, spec in zip(ids, specs, strict=True):
            _train(db, catalog, run, spec)
    store.close()
    return [instrument.client.run(run) for run in ids]


def swept(instrument: Instrument, given: dict[str, Any]) -> Sweep:
    """A sweep over a grid and seeds whose runs have all ended; those of one combination lie side by side."""
    catalog = instrument.client.catalog()
    request = SweepSpec.model_validate(given)
    axes = [[(name, value) for value in values] for name, values in request.grid.items()]
    points = [dict(chosen) for chosen in product(*axes, [("seed", seed) for seed in request.seeds or [0]])]
    specs = [
        RunSpec.model_validate(request.base.model_dump() | {"settings": request.base.settings | p})
        for p in points
    ]
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    with store.writing() as db:
        sweep = sweeps.create(db, request, [(spec, catalog.check(spec)) for spec in specs])
        for run in runs.of_sweep(db, sweep):
            _train(db, catalog, run.id, run.spec)
    store.close()
    return next(one for one in instrument.client.sweeps() if one.id == sweep)


def _train(db: Connection, catalog: Catalog, run: str, spec: RunSpec) -> None:
    answer = Recording(run)
    resolved = spec.model_copy(update={"settings": catalog.check(spec)})
    outcome = execute(answer, lambda: start(resolved, answer, Controls()))
    assert outcome.state == "completed", outcome.reason
    stream.commit(db, run, answer.entries)
