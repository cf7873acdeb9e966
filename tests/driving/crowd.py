"""Thousands of runs put straight into a store, as if they had been trained."""

import time
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert

from backend.store import Store, rows
from backend.store.doing import doing
from backend.store.schema import points, runs
from rhoscope.records import Block
from rhoscope.spec import RunSpec

STRATEGIES = ("joint", "ogm-ge", "ogm", "agm", "opm")
ALPHAS = (0.1, 0.8, 1.5)
STATES = ("completed", "completed", "completed", "stopped", "failed")
STEPS = 600
MODALITIES = ["audio", "visual"]
CROWD = "crowd"
"""The worker that is said to have trained them."""


def crowd(store: Store, count: int, curved: int) -> list[str]:
    """`count` runs that have ended, the newest first; the `curved` newest ones have curves."""
    now = time.time()
    made = [_row(n, now - 60 * (count - n)) for n in range(count)]
    with store.writing() as db:
        db.execute(insert(runs), made)
        for n in range(max(0, count - curved), count):
            _curves(db, made[n], n)
    return [row["id"] for row in reversed(made)]


def disperse(store: Store) -> None:
    """Delete them all at once: the API deletes each by itself, which takes milliseconds a run."""
    with store.writing() as db:
        db.execute(delete(runs).where(runs.c.worker == CROWD))


def _row(n: int, created: float) -> dict[str, Any]:
    settings = {"alpha": ALPHAS[n % 3], "seed": n % 10, "lr": 0.01, "epochs": 3, "momentum": 0.9}
    settings |= {"warmup": n}  # else some would repeat others, and count once
    spec = RunSpec(strategy=STRATEGIES[n % 5], settings=settings, tags=["paper"] if n % 4 == 0 else [])
    state = STATES[n // 5 % 5]
    score = 0.7 + 0.05 * (n % 5) + 0.002 * (n % 10)
    row = {
        "id": f"{n:012x}",
        "name": f"{spec.strategy} number {n}",
        "folded": f"{spec.strategy} number {n}",
        "spec": spec.model_dump(mode="json"),
        "settings": settings,
        "strategy": spec.strategy,
        "dataset": spec.dataset,
        "tags": spec.tags,
        "modalities": MODALITIES,
        "state": state,
        "created": created,
        "changed": created,
        "started": created,
        "finished": created + 30 + n % 50,
        "trained_s": 30 + n % 50,
        "total_steps": STEPS,
        "step": STEPS if state == "completed" else STEPS // 2,
        "last": {"rho.audio": 1.0 + n % 5, "rho.visual": 1 / (1.0 + n % 5), "test.accuracy": score - 0.02},
        "test_accuracy": score - 0.02,
        "best_accuracy": score,
        "fusion": spec.fusion,
        "best": {"val.accuracy": score, "step": STEPS},
        "attempt": 1,
        "open": False,
        "rows_end": -1,
        "series": [],
        "course": {},
    }
    row |= dict.fromkeys(("notes", "reason", "device"), "") | {"worker": CROWD, "priority": 0}
    zero = ("losses", "epoch", "cursor_attempt", "cursor_seq", "rows_attempt", "rows_time", "tail_rows")
    row |= dict.fromkeys(zero, 0) | {"sweep": None, "parent": None, "parent_step": None}
    return row | {"doing": doing(row)}


def _curves(db: Connection, row: dict[str, Any], n: int) -> None:
    run, count = row["id"], row["step"]
    steps = np.arange(count, dtype=np.int32)
    rise = 1 - np.exp(-steps / 150)
    wave = np.random.default_rng(n).normal(scale=0.12, size=count)
    ahead = np.exp(rise * np.log(1.0 + n % 5) + wave)
    values = np.stack([ahead, 1 / ahead, 0.2 + 0.75 * rise + 0.3 * wave]).astype(np.float32)
    names = ["rho.audio", "rho.visual", "accuracy"]
    block = Block.make(run, 1, names, steps, values, (0.0, 30.0))
    rows.add(db, [rows.row_of(run, (1, 1), block, block.encode())])
    judged = range(60, count + 1, 60)
    answer = [
        {"run": run, "series": "val.accuracy", "step": step, "value": 0.2 + 0.6 * float(rise[step - 1])}
        for step in judged
    ]
    db.execute(insert(points), answer)
