"""What the store holds against what a flood published, value by value."""

from dataclasses import dataclass

import numpy as np

from backend.store import Store, rows
from benchmarks.rig.flood import Flood, Values
from rhoscope.environment import Environment


@dataclass
class Stored:
    """What the store holds against what was published: rows, and how many lack, came twice, or differ."""

    rows: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0


def compare(environment: Environment, flood: Flood) -> Stored:
    """Every value in the store with the one that was published."""
    stored, values = Stored(), Values(len(flood.names))
    store = Store(environment.store_url)
    total = flood.rows * flood.blocks
    for number, run in enumerate(flood.runs):
        with store.reading() as db:
            curves = rows.read(db, run, flood.names)
        published = np.concatenate(
            [values.of(number, block * flood.rows, flood.rows) for block in range(flood.blocks)], axis=1
        )
        for name, expected in zip(flood.names, published, strict=True):
            steps, present = curves[name]
            stored.lost += len(np.setdiff1d(np.arange(total), steps))
            stored.doubled += len(steps) - len(np.unique(steps))
            inside = steps < total
            stored.wrong += int(np.count_nonzero(present[inside] != expected[steps[inside]]))
        stored.rows += len(curves[flood.names[0]][0])
    store.close()
    return stored
