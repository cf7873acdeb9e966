"""A run, a worker and a sweep as everybody outside the store sees them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from rhoscope.json_values import PLAIN
from rhoscope.remedies import Race
from rhoscope.search import Search, SearchStatus
from rhoscope.series import LAST_STEP, Series
from rhoscope.spec import PROGRAM, RunSpec
from rhoscope.states import RunState


class Run(BaseModel):
    """One run. Times are Unix seconds; `step` counts finished optimizer steps."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    id: str
    name: str
    spec: RunSpec
    settings: dict[str, Any] = Field(description="all current settings, including defaults")
    state: RunState
    reason: str = Field(default="", description="why the run is in this state")
    attempt: int = Field(description="execution number, from 1; the fencing epoch")
    step: int = 0
    total_steps: int | None = None
    epoch: int = 0
    epochs: int | None = None
    progress: float = Field(default=0.0, ge=0, le=1)
    eta_s: float | None = Field(
        default=None, description="estimated seconds left, from the pace of this attempt"
    )
    steps_per_s: float | None = None
    created: float
    started: float | None = None
    finished: float | None = None
    worker: str = ""
    device: str = ""
    modalities: list[str] = []
    tags: list[str] = []
    notes: str = ""
    priority: int = Field(default=0, description="runs with a higher priority start first")
    sweep: str | None = None
    parent: str | None = None
    parent_step: int | None = None
    course: dict[str, str] = Field(
        default={},
        description="of what was changed while it trained, all values in order: `steered: 0.8 → 0.3`",
    )
    trained_s: float = Field(
        default=0.0, description="seconds of training until the last pause or end, without waits"
    )
    training_since: float | None = Field(
        default=None, description="start of the present stretch of training; null while it does not train"
    )
    last: dict[str, float] = Field(default={}, description="newest value of each series")
    best: dict[str, float] = Field(default={}, description="best validation accuracy and its step")
    series: list[Series] = Field(
        default=[], description="declarations of the series, with modalities filled in"
    )


class RunPage(BaseModel):
    """A page of runs; `next` is the cursor of the following page."""

    runs: list[Run]
    next: str | None = None
    total: int


class Queue(BaseModel):
    """Queued runs in the order in which they start: by priority, then by age."""

    runs: list[Run]
    total: int = Field(description="number of runs in the whole queue")
    highest: int | None = Field(default=None, description="highest priority in the queue; null when empty")
    lowest: int | None = Field(default=None, description="lowest priority in the queue; null when empty")


_Word = Annotated[str, Field(max_length=200, pattern=r"^[^\u0000-\u001f]*$")]


class WorkerStatus(BaseModel):
    """A worker's heartbeat."""

    model_config = ConfigDict(allow_inf_nan=False)

    name: _Word
    host: _Word
    pid: int = Field(ge=0, lt=2**63)
    device: _Word
    devices: list[_Word] = Field(default=[], max_length=1024)
    catalog: str = Field(pattern=r"^[0-9a-zA-Z_-]{1,64}$", description="digest of its catalog")
    run: _Word | None = None
    attempt: int | None = Field(default=None, ge=0, lt=2**31)
    started: float
    seen: float
    version: _Word = ""
    draining: bool = Field(default=False, description="finishes its current run and starts no other")
    program: str = Field(
        default="",
        pattern=rf"^({PROGRAM})?$",
        description="the program that it runs; empty: our training",
    )
    inspects: bool = Field(default=False, description="can inspect data on its host")
    memory_used: float | None = Field(default=None, description="bytes, of the GPU or of the machine")
    memory_total: float | None = None
    utilisation: float | None = Field(default=None, ge=0, le=1, description="of the GPU or of all cores")
    temperature: float | None = Field(default=None, description="of the GPU, in degrees Celsius")


class SeriesData(BaseModel):
    """Values of one series, as many as `steps`. Non-finite ones are "NaN", "Infinity", "-Infinity"."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: str
    steps: list[int]
    values: list[float]
    total: int = Field(description="number of values in the requested range before thinning")


class SeriesAnswer(BaseModel):
    """Answer of GET /runs/{id}/series."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: str
    series: list[SeriesData]


class Fork(BaseModel):
    """The changes of a fork: settings, the strategy, and the step to start from."""

    model_config = ConfigDict(extra="forbid")

    step: int | None = Field(
        default=None,
        ge=0,
        le=LAST_STEP,
        description="start from the last checkpoint at or before this step; empty: from the newest",
    )
    strategy: str = Field(default="", max_length=100, description="another strategy; empty: the parent's")
    settings: Annotated[dict[str, Any], PLAIN] = Field(default={}, description="changed settings by name")
    name: str = Field(default="", max_length=200)
    tags: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=50)
    notes: str = Field(default="", max_length=20_000)


class Relative(BaseModel):
    """A run as a member of a family of forks."""

    id: str
    name: str
    state: RunState
    strategy: str
    parent: str | None = Field(default=None, description="the run it was forked from, unless deleted")
    parent_step: int | None = None
    best: dict[str, float] = {}


class Checkpoint(BaseModel):
    """A checkpoint that was written."""

    attempt: int
    step: int
    time: float = Field(description="Unix seconds")
    name: str = Field(default="", description="the file's name")
    path: str = ""
    sha256: str = ""
    bytes: int | None = None
    kept: bool = Field(description="whether the file was still there when the newest one was written")
    strategy: str = Field(default="", description="in force when it was written; only for kept checkpoints")
    settings: dict[str, Any] = Field(
        default={}, description="in force when it was written; only for kept checkpoints"
    )


class SweepSpec(BaseModel):
    """A base specification, a grid over any settings or plug-in names, and seeds.

    Every combination of `grid` values and `seeds` becomes one run.
    """

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants")

    name: str = Field(default="", max_length=200)
    base: RunSpec = RunSpec()
    grid: Annotated[dict[str, list[Any]], PLAIN] = Field(
        default={}, description="values by setting or plug-in field"
    )
    points: Annotated[list[dict[str, Any]], PLAIN] = Field(
        default=[], description="explicit combinations instead of a grid"
    )
    seeds: Annotated[list[int], PLAIN] = Field(
        default=[], description="seeds; the base's own seed when empty"
    )
    median_after: int | None = Field(
        default=None,
        ge=1,
        lt=2**31,
        description="stop a run after this many epochs if its best validation accuracy is below the median "
        "of the other runs' means up to the same step, once three got there; empty: stop none",
    )
    search: Search | None = Field(
        default=None,
        description="choose the runs one after the other instead of a grid; `seeds` are those of each trial",
    )
    race: Race | None = Field(
        default=None, description="of a sweep that POST /runs/{id}/remedies made; not to be given"
    )


class Sweep(BaseModel):
    """A sweep and its runs."""

    id: str
    name: str
    spec: SweepSpec
    created: float
    runs: list[Run]
    search: SearchStatus | None = Field(default=None, description="of a sweep that searches")
