"""`rhoscope.init`: the beginning of a guest run, whatever the machine, the disk, or the server are like."""

import atexit
import json
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypedDict, Unpack

from pydantic import ValidationError

from rhoscope.errors import RhoscopeError
from rhoscope.facts import gather
from rhoscope.guests import GuestSpec
from rhoscope.json_values import plain
from rhoscope.system import Sampler
from rhoscope.texts import cleaned
from rhoscope.tracker.attempt import Attempt
from rhoscope.tracker.console import Console
from rhoscope.tracker.delivery import Delivery, Server
from rhoscope.tracker.launched import Launched, Orders
from rhoscope.tracker.link import Link, Warnings
from rhoscope.tracker.lock import Lock
from rhoscope.tracker.reflection import reflections
from rhoscope.tracker.run import Run

FOLDER = "rhoscope-runs"
SPEC = "run.json"
TEXTS = ("name", "notes", "tags")
Mode = Literal["online", "offline", "disabled"]


class About(TypedDict, total=False):
    """Further descriptions of a run."""

    id: str
    name: str
    tags: Sequence[str]
    notes: str
    token: str
    mirror: str | Sequence[str]
    system: bool
    console: bool


_RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK")
_present: list[Run] = []


def init(
    project: str = "",
    config: Mapping[str, Any] | None = None,
    *,
    url: str = "",
    dir: str | os.PathLike[str] = "",
    mode: Mode = "online",
    **about: Unpack[About],
) -> Run:
    """Begin to report a run of this program. Never raises for what the machine or the server are like.

    Everything goes into a file below `dir` first (RHOSCOPE_DIR, or the folder `rhoscope-runs`), then to the
    server at `url` (RHOSCOPE_API_URL with RHOSCOPE_API_TOKEN). Without an address, or with mode `offline`, it
    stays there until `rhoscope sync DIR`. `id` (RHOSCOPE_RUN) of an earlier run resumes it: rows are
    replaced from the first step that is logged now. `mirror` names other trackers that get every value, too:
    `tensorboard:DIR`, `wandb:PROJECT`, `mlflow:URI`, or several. Of several processes only the first one
    reports. In a program that a worker launched (`rhoscope worker --project`) it is the launched run,
    whatever is given here.

    `system=False` leaves out what the process uses of its machine, `console=False` what it prints.
    """
    warn = Warnings()
    for earlier in _present:
        earlier.finish(reason="A later rhoscope.init began another run.")
    if mode == "disabled" or any(os.environ.get(rank, "0") not in ("", "0") for rank in _RANKS):
        return Run(None, None, warn)
    launched = Launched.present()
    run = launched.run if launched else about.get("id") or os.environ.get("RHOSCOPE_RUN", "")
    texts = {"project": project} | {name: text for name, text in about.items() if name in TEXTS}
    spec = _spec(str(run), texts, settings_of(config, warn), warn)
    if launched:
        return _reporting(launched, spec, warn, about)
    attempt = _attempt(spec, Path(dir or os.environ.get("RHOSCOPE_DIR", "") or FOLDER), warn)
    if attempt is None:
        return Run(None, None, warn)
    address = url or os.environ.get("RHOSCOPE_API_URL", "")
    begun = _linked(attempt, "" if mode == "offline" else address, about.get("token", ""), warn)
    begun.mirrors = reflections(about.get("mirror", ()), spec, attempt.number, attempt.path, warn)
    _watch(begun)
    _observe(begun, system=about.get("system", True), console=about.get("console", True))
    return begun


def _reporting(launched: Launched, spec: GuestSpec, warn: Warnings, about: About) -> Run:
    """The run that a worker launched: what is logged goes to the worker, by files, and to mirrors.

    What the program prints is the worker's to send, since it sees all of it.
    """
    try:
        launched.folder.mkdir(parents=True, exist_ok=True)
        if not Lock(launched.folder).take():
            warn("another process of this run reports already; this one does not")
            return Run(None, None, warn)
        attempt = Attempt(spec, launched.attempt, launched.free_journal(), gather())
    except OSError as error:
        warn(f"{launched.folder} can't be written to ({error})")
        return Run(None, None, warn)
    begun = Run(attempt, None, warn)
    begun.link = Link(None, None, launched.run, begun.tick, warn, Orders(launched.orders))
    begun.link.start()
    begun.mirrors = reflections(about.get("mirror", ()), spec, attempt.number, attempt.path, warn)
    _watch(begun)
    _observe(begun, system=about.get("system", True), console=False)
    return begun


def _linked(attempt: Attempt, url: str, token: str, warn: Warnings) -> Run:
    server = None
    try:
        server = Server(url, token or os.environ.get("RHOSCOPE_API_TOKEN", "")) if url else None
    except (RhoscopeError, TypeError, AttributeError) as error:
        warn(f"the address or the token of a server can't be used ({error}); everything stays in a file")
    delivery = None
    if server:
        delivery = Delivery(server, attempt.spec, attempt.number, attempt.path, warn, attempt.journal)
    run = Run(attempt, None, warn)
    run.link = Link(server, delivery, attempt.spec.id, run.tick, warn)
    run.link.start()
    return run


def _observe(run: Run, *, system: bool, console: bool) -> None:
    """Watch the machine, and what the program prints."""
    if system:
        sampler = Sampler()
        run.declare(sampler.series)
        run.on_end(sampler.stop)
        sampler.start(run.measured)
    if console:
        run.listen(Console())


def settings_of(config: Any, warn: Warnings) -> dict[str, Any]:
    """A configuration as settings: a mapping, or the attributes of what argparse or a dataclass made."""
    given = config if isinstance(config, Mapping) else getattr(config, "__dict__", None)
    if given is None:
        if config is not None:
            warn(f"config is no mapping but a {type(config).__name__} and is left out")
        return {}
    try:
        return dict(list(flat(given).items())[:1000])
    except RecursionError:
        warn("config contains itself and is left out")
        return {}


def _spec(run: str, fields: Mapping[str, Any], settings: Mapping[str, Any], warn: Warnings) -> GuestSpec:
    """As much of what was given as can be kept."""
    usable = run if re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", run) else ""
    if run and not usable:
        warn(f"'{run}' can't be the id of a run (1 to 32 letters, digits, _ and -); it gets another")
    whole = {**fields, "kind": "guest", "id": usable or secrets.token_hex(6), "config": settings}
    whole = cleaned(whole)
    try:
        return GuestSpec.model_validate(whole)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        warn(f"part of what rhoscope.init was given does not fit and is left out ({field}: {first['msg']})")
        kept = {"project": str(fields["project"] or "")[:100], "name": str(fields.get("name") or "")[:200]}
        own = {"kind": "guest", "id": whole["id"], "config": settings}
        return GuestSpec.model_validate(cleaned({**kept, **own}))


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A configuration as one mapping of JSON values; what JSON has no word for becomes a text.

    >>> flat({"optimizer": {"lr": 0.1}, "path": Path("x")})
    {'optimizer.lr': 0.1, 'path': 'x'}
    """
    settings: dict[str, Any] = {}
    for name, value in config.items():
        path = f"{prefix}{name}"[:100]
        if isinstance(value, Mapping) and value:
            settings |= flat(value, f"{path}.")
            continue
        try:
            settings[path] = plain(value)
            json.dumps(settings[path], allow_nan=False)
        except (RhoscopeError, TypeError, ValueError):
            settings[path] = str(value)[:1000]
    return settings


def _attempt(spec: GuestSpec, folder: Path, warn: Warnings) -> Attempt | None:
    """A new attempt in a folder that nobody else writes to, or None where there is no disk at all."""
    for place in (folder, Path(tempfile.gettempdir()) / FOLDER):
        try:
            return _first_free(spec, place, warn)
        except OSError as error:
            warn(f"{place} can't be written to ({error})")
    return None


def _first_free(spec: GuestSpec, folder: Path, warn: Warnings) -> Attempt:
    """Raises: OSError."""
    own = folder / spec.id
    own.mkdir(parents=True, exist_ok=True)
    if not Lock(own).take():
        other = spec.model_copy(update={"id": f"{spec.id[:19]}-{secrets.token_hex(6)}"})
        warn(f"another process reports as run '{spec.id}' now; this one reports as '{other.id}'")
        return _first_free(other, folder, warn)
    facts = gather()
    text = spec.model_dump_json()
    number = 1 + max((numbered(path) for path in own.glob("attempt-*.rj")), default=0)
    part = own / f"{SPEC}.part"
    part.write_text(text, encoding="utf-8")
    part.replace(own / SPEC)
    return Attempt(spec, number, own / f"attempt-{number}.rj", facts)


def numbered(path: Path) -> int:
    """The number of the attempt whose journal this is; 0 for another file."""
    match = re.fullmatch(r"attempt-(\d{1,9})\.rj", path.name)
    return int(match[1]) if match else 0


def _watch(run: Run) -> None:
    """See to it that the run's end is noted, however the program ends."""
    _present[:] = [run]
    if _watch.__dict__.setdefault("begun", False):
        return
    _watch.__dict__["begun"] = True
    before = sys.excepthook

    def ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        interrupted = issubclass(kind, KeyboardInterrupt)
        reason = "Interrupted." if interrupted else f"{kind.__name__}: {error}"[:500]
        for one in _present:
            one.finish("stopped" if interrupted else "failed", reason)
        before(kind, error, trace)

    sys.excepthook = ended
    atexit.register(_leave)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forsake)


def present_run() -> Run | None:
    """The run that this process began last, unless it has ended."""
    return next((run for run in _present if not run.ended), None)


def _leave() -> None:
    for run in _present:
        run.finish("completed")


def _forsake() -> None:
    Lock.forget()
    for run in _present:
        run.forsake()
