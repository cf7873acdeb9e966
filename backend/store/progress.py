"""Effect of blocks and events on a run: pure functions from its row to the changed row."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.store import course
from rhoscope.errors import Corrupt
from rhoscope.media import Enclosing
from rhoscope.records import Block, Event
from rhoscope.samples import Example, Samples
from rhoscope.series import LAST_STEP, Series
from rhoscope.states import FINAL, RunState
from rhoscope.tables import Table

PACE_S = 10.0
"""Time constant, in seconds, of the moving average behind `steps_per_s`."""
BEST = "val.accuracy"
TEST = "test.accuracy"
_MOST_EPOCHS = 2**31 - 1

Row = dict[str, Any]


class Started(BaseModel):
    """Data of a `started` event that the store keeps."""

    worker: str = ""
    device: str = ""
    modalities: list[str] = []
    start_step: int = Field(default=0, ge=0, le=LAST_STEP)
    total_steps: int | None = Field(default=None, ge=0, le=LAST_STEP)
    epochs: int | None = Field(default=None, ge=0, le=_MOST_EPOCHS)
    series: list[Series] = []
    settings: dict[str, Any] = {}
    strategy: str = ""
    live: dict[str, dict[str, Any]] | None = None


class Values(BaseModel):
    values: dict[str, float]


class Epoch(BaseModel):
    epoch: int = Field(ge=0, lt=_MOST_EPOCHS)


class Console(BaseModel):
    lines: list[str] = Field(max_length=100_000)


class Setting(BaseModel):
    setting: str
    old: Any = None
    new: Any
    settings: dict[str, Any] | None = None  # all of them, where the strategy was changed


class Finished(BaseModel):
    state: Literal["completed", "failed", "stopped", "paused"]
    reason: str = ""


_DATA: dict[str, type[BaseModel]] = {
    "started": Started,
    "values": Values,
    "table": Table,
    "samples": Samples,
    "example": Example,
    "console": Console,
    "media": Enclosing,
    "epoch": Epoch,
    "setting": Setting,
    "finished": Finished,
}


def check_block(block: Block, run: str, attempt: int) -> None:
    """Raises: Corrupt, when a block that reads back is not one of this run and attempt, in order."""
    header = block.header
    if (header.run, header.attempt) != (run, attempt):
        raise Corrupt(f"A block of run {header.run}, attempt {header.attempt} is in another run's stream.")
    if len(set(header.names)) != len(header.names) or "" in header.names:
        raise Corrupt("A block names a series twice, or not at all.")
    rows = block.steps
    if rows[0] < 0 or (header.n > 1 and bool((rows[1:] <= rows[:-1]).any())):
        raise Corrupt("The steps of a block do not ascend.")
    if block.steps[-1] > LAST_STEP:
        raise Corrupt(f"The steps of a block go beyond {LAST_STEP:,}.")
    if not all(map(math.isfinite, header.times)):
        raise Corrupt("A block's times are not finite.")


def check_event(event: Event, run: str, attempt: int) -> None:
    """Raises: Corrupt, when an event that reads back is of another run or attempt, or lacks its data."""
    if (event.run, event.attempt) != (run, attempt):
        raise Corrupt(f"An event of run {event.run}, attempt {event.attempt} is in another run's stream.")
    if not 0 <= event.step <= LAST_STEP or not math.isfinite(event.time):
        raise Corrupt(f"The step or time of a {event.kind} event is out of range.")
    if event.kind == "order":
        raise Corrupt("Who ordered what is noted by the API; no worker knows it.")
    facts(event)


def in_order(event: Event) -> Event:
    """An event as it is stored: of what is found again by its name the fields in their order."""
    if _DATA.get(event.kind) not in (Table, Samples, Example):
        return event
    return event.model_copy(update={"data": facts(event).model_dump()})


def facts(event: Event) -> Any:
    """The data of an event, checked. Raises: Corrupt."""
    model = _DATA.get(event.kind)
    try:
        return model.model_validate(event.data) if model else None
    except ValueError as error:
        raise Corrupt(f"The data of a {event.kind} event does not fit: {error}") from error


def hear(row: Row, content: Block | Event) -> bool:
    """A guest is there again: the same attempt after a silence, or a later one; whether a later one."""
    attempt, when = (
        (content.header.attempt, content.header.times[0])
        if isinstance(content, Block)
        else (content.attempt, content.time)
    )
    later: bool = attempt > row["attempt"]
    if later:
        row |= {"attempt": attempt, "finished": None}
    if later or (attempt == row["attempt"] and row["state"] == RunState.SILENT):
        row |= {"state": RunState.RUNNING, "reason": "", "changed": when}
    return later


def after_block(row: Row, block: Block) -> None:
    """Step, pace and newest values once these rows are stored."""
    header = block.header
    pace = _pace(row, block)
    if pace is not None:
        row["steps_per_s"] = pace
    row["last"] |= dict(zip(header.names, block.values[:, -1].tolist(), strict=True))
    row["rows_end"] = int(block.steps[-1])
    row["rows_attempt"] = header.attempt
    row["rows_time"] = header.times[1]
    row["tail_rows"] += header.n
    row["step"] = row["rows_end"] + 1


def _pace(row: Row, block: Block) -> float | None:
    """Steps a second: a moving average over the attempt, None while nothing can be said."""
    follows = row["rows_attempt"] == block.header.attempt and row["rows_end"] >= 0
    since_step, since = (
        (row["rows_end"], row["rows_time"]) if follows else (block.steps[0], block.header.times[0])
    )
    elapsed = block.header.times[1] - since
    if elapsed <= 0:
        return None
    now = (int(block.steps[-1]) - int(since_step)) / elapsed
    if not follows or row["steps_per_s"] is None:
        return float(now)
    weight = 1 - math.exp(-elapsed / PACE_S)
    return float(row["steps_per_s"] + weight * (now - row["steps_per_s"]))


def after_value(row: Row, series: str, step: int, value: float) -> None:
    """Newest value of a sparse series, and the best validation accuracy; NaN is never the best."""
    row["last"][series] = value
    if series == BEST and value > row["best"].get(BEST, -math.inf):
        row["best"] = {BEST: value, "step": step}


def tested(last: Mapping[str, float]) -> float | None:
    """The accuracy on test data among a run's newest values; None where there is none, or no finite one."""
    value = last.get(TEST)
    return value if value is not None and math.isfinite(value) else None


def scored(best: Mapping[str, float]) -> float | None:
    """The best validation accuracy; None where there is none, or no finite one."""
    value = best.get(BEST)
    return value if value is not None and math.isfinite(value) else None


def after_event(row: Row, event: Event) -> None:
    """State and facts of the run after an event of its present attempt."""
    data = facts(event)
    if isinstance(data, Started):
        _started(row, event, data)
    elif isinstance(data, Values):
        for name, value in data.values.items():
            after_value(row, name, event.step, value)
    elif isinstance(data, Epoch):
        row["epoch"] = data.epoch + 1
        row["step"] = event.step
    elif isinstance(data, Setting):
        _changed(row, data)
    elif isinstance(data, Finished):
        _finished(row, event, data)


def _changed(row: Row, data: Setting) -> None:
    if words := course.extended(row["course"].get(data.setting, ""), data.old, data.new):
        row["course"] = row["course"] | {data.setting: words}
    if data.setting == "strategy" and data.settings is not None:
        row["settings"] = data.settings
        row["strategy"] = row["course"].get("strategy", str(data.new))
        row["spec"] = row["spec"] | {"strategy": str(data.new), "settings": data.settings}
    else:
        row["settings"] = row["settings"] | {data.setting: data.new}


def _started(row: Row, event: Event, data: Started) -> None:
    if row["state"] in (RunState.QUEUED, RunState.STARTING):
        row |= {"state": RunState.RUNNING, "changed": event.time, "reason": ""}
    row["started"] = row["started"] or event.time
    course.started(row, event.time)
    row |= {"worker": data.worker or row["worker"], "device": data.device, "modalities": data.modalities}
    row |= {"total_steps": data.total_steps, "epochs": data.epochs, "step": data.start_step}
    declarations = [series.model_dump() for series in data.series]
    names = {series["name"] for series in declarations}
    row["series"] = declarations + [series for series in row["series"] if series["name"] not in names]
    row["settings"] = row["settings"] | data.settings  # what trains is what is true, whatever was said before
    row["strategy"] = row["course"].get("strategy", data.strategy or row["strategy"])
    row["steps_per_s"] = None
    if data.live is not None and row["spec"].get("guest"):
        row["spec"] = row["spec"] | {"guest": row["spec"]["guest"] | {"live": data.live}}


def _finished(row: Row, event: Event, data: Finished) -> None:
    if row["state"] in FINAL - {RunState.LOST}:
        return
    row |= {"state": RunState(data.state), "reason": data.reason, "changed": event.time, "steps_per_s": None}
    row["step"] = max(row["step"], event.step)  # rows of the last steps may be left out
    row["finished"] = None if data.state == "paused" else event.time
    course.ended(row, event.time)
