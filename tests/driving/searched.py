"""An ended search in the store of a running product: trials with values, without a training."""

import math
import time

import filled
import numpy as np
from instrument import Instrument
from sqlalchemy import update

from backend.store import runs, schema, sweeps, trials
from backend.store.trials import Kept
from rhoscope.environment import Environment
from rhoscope.runs import SweepSpec
from rhoscope.search import SearchState, SearchTrial, TrialState
from rhoscope.spec import RunSpec

SPACE = {"alpha": "0.1..2", "lr": "0.001..0.1:log", "batch_size": [16, 32, 64]}


def searched(instrument: Instrument, count: int = 16) -> str:
    """The id of a sweep in which alpha decides; the last trial failed, the one before was pruned."""
    store = filled.opened(Environment(data_dir=instrument.data_dir))
    dice = np.random.default_rng(0)
    search = {"space": SPACE, "trials": count}
    with store.writing() as db:
        spec = SweepSpec.model_validate({"name": "Which alpha and rate?", "search": search})
        sweep = sweeps.create(db, spec, [])
        for number in range(count):
            values = {
                "alpha": round(float(dice.uniform(0.1, 2)), 3),
                "lr": round(10 ** float(dice.uniform(-3, -1)), 5),
                "batch_size": int(dice.choice([16, 32, 64])),
            }
            accuracy = 0.8 - 0.2 * (values["alpha"] - 1) ** 2 - 0.01 * (math.log10(values["lr"]) + 2) ** 2
            ended = {count - 1: TrialState.FAILED, count - 2: TrialState.PRUNED}
            state = ended.get(number, TrialState.COMPLETED)
            run = runs.create(db, RunSpec(name=f"trial {number}", settings=dict(values)), values, sweep)
            facts = {"state": "completed" if state == TrialState.COMPLETED else "stopped", "open": False}
            best = {"best": {"val.accuracy": accuracy, "step": 10}, "last": {"val.accuracy": accuracy}}
            best |= {"best_accuracy": accuracy}
            db.execute(update(schema.runs).where(schema.runs.c.id == run).values(**facts, **best))
            trial = SearchTrial(number=number, values=values, runs=[run], created=time.time())
            trials.add(db, sweep, Kept(trial, {}, {}))
            value = accuracy if state == TrialState.COMPLETED else None
            end = trial.model_copy(update={"state": state, "value": value, "reason": "It went wrong."})
            trials.end(db, sweep, Kept(end, {1: accuracy}, {}))
        trials.turn(db, sweep, SearchState.COMPLETED, "All trials have ended.")
    store.close()
    return sweep
