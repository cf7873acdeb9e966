"""Commands that start programs."""

import importlib.util
import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

import rhoscope
from rhoscope.cli.projects import show_project
from rhoscope.cli.terminal import err, out
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.local.ground import check_data_dir, gpus
from rhoscope.projects.file import read as read_project

Port = Annotated[int, typer.Option(min=1, max=65535)]
BasePath = Annotated[
    str | None,
    typer.Option(help="Path under which a reverse proxy shows it, such as /rho.", show_default=False),
]


def up(
    port: Port = 8050,
    api_port: Port = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Directory for runs, curves and checkpoints.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    workers: Annotated[
        int, typer.Option(min=0, max=256, help="Number of workers; 0: one per GPU, or one on the CPU.")
    ] = 0,
    base_path: BasePath = None,
) -> None:
    """Start all programs on this machine; Ctrl-C stops them."""
    from rhoscope.local import entry  # noqa: PLC0415 -- the client's commands need no embedded server
    from rhoscope.local.up import House  # noqa: PLC0415 -- as above

    for package in ("backend", "dashboard", "trainer"):
        check_package(package)
    if port == api_port:
        raise InvalidInput(f"--port and --api-port are both {port}; they must differ.")
    environment = Environment.load(data_dir=data_dir, base_path=base_path)
    cards = gpus()
    devices = [cards[i % len(cards)] if cards else "cpu" for i in range(workers or len(cards) or 1)]
    if why := entry.reason(environment):
        check_data_dir(environment)
        environment = environment.model_copy(update={"api_token": entry.token(environment)})
    house = House(environment, port, api_port, devices, lambda text: err.print(f"{text} ...", style="dim"))

    def ready(url: str) -> None:
        out.print(Text.assemble("\n  rhoscope is ready: ", (url, "bold")), highlight=False)
        out.print(f"  For your own programs: export RHOSCOPE_API_URL={house.api_url}\n", highlight=False)
        if why:
            out.print(f"  Log in with the token in {environment.token_file}", highlight=False)
            out.print(f"  Others could reach the page: {why}.\n", style="dim", highlight=False)
        out.print("  Ctrl-C stops everything; runs and curves are kept.\n", style="dim")
        if not no_browser and sys.stdout.isatty():
            with suppress(webbrowser.Error):
                webbrowser.open(entry.link(environment, url))

    house.run(ready)


Host = Annotated[str, typer.Option(help="Address to listen on; default: RHOSCOPE_HOST, else 127.0.0.1.")]


def backend(port: Port = 8000, host: Host = "", base_path: BasePath = None) -> None:
    """Start only the API."""
    _become("backend", *_listening(port, host, base_path))


def dashboard(port: Port = 8050, host: Host = "", base_path: BasePath = None) -> None:
    """Start only the dashboard."""
    _become("dashboard", *_listening(port, host, base_path))


def _listening(port: int, host: str, base_path: str | None) -> list[str]:
    given = [] if base_path is None else ["--base-path", base_path]
    return ["--port", str(port), *(["--host", host] if host else []), *given]


def worker(
    device: Annotated[
        list[str], typer.Option(help="cpu or a CUDA device number; default: all devices, or the CPU.")
    ] = [],  # noqa: B006 -- typer copies it
    project: Annotated[
        list[Path],
        typer.Option(help="Folder with a rhoscope.yaml: run its program, and nothing else.", metavar="DIR"),
    ] = [],  # noqa: B006 -- typer copies it
    check: Annotated[
        bool,
        typer.Option("--check", help="With --project: print what a worker would announce, and exit."),
    ] = False,
) -> None:
    """Start a worker that trains runs from the queue, one at a time on each device.

    With --project it runs the program of that project instead, for runs that are launched with it.
    """
    if len(project) > 1:
        raise InvalidInput("A worker runs the program of one project; start another worker for each.")
    if check and not project:
        raise InvalidInput("--check needs --project DIR: it prints what a worker would announce from there.")
    given = [f"--project={folder.absolute()}" for folder in project]
    if project:
        read = read_project(project[0], os.environ.get("PATH", os.defpath))
        if check:
            show_project(read)
            return
    _become("trainer", *given, "--device", *(device or gpus() or ["cpu"]), module="trainer.worker")


def check_package(name: str) -> None:
    """Raises: Unavailable, unless `name` is our package and not a stranger of that name."""
    spec = importlib.util.find_spec(name)
    home = Path(rhoscope.__file__).parent.parent
    if spec is None or spec.origin is None:
        hint = f"Install it from the project's folder with `pip install -e '.[{name}]' -c constraints.txt`."
        raise Unavailable(f"The package '{name}' is not installed. {hint}")
    if Path(spec.origin).parent.parent != home:
        raise Unavailable(
            f"'{name}' is another package, from {Path(spec.origin).parent}; rhoscope's is in {home}. "
            f"Uninstall the other one, or use an environment of its own."
        )


def _become(package: str, *arguments: str, module: str = "") -> None:
    check_package(package)
    command = [sys.executable, "-m", module or package, *arguments]
    os.execv(sys.executable, command)  # noqa: S606 -- our own program


COMMANDS = (up, backend, dashboard, worker)
