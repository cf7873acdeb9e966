"""The circumstances of a run: the code, the packages, the machine. Gathered once, sent once."""

import contextlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rhoscope import nvml
from rhoscope.series import LAST_STEP
from rhoscope.texts import LONGEST

LONGEST_DIFF = LONGEST
"""Characters of a working tree's changes that are kept: as many as one text may have."""
MOST_PACKAGES = 1000
GIT_S = 2.0
"""How long git may take for one question."""
_SECRET = re.compile(r"(?i)key|token|secret|passw|credential|auth|cookie|private|signature|dsn|_url$|_uri$")
_VALUE = re.compile(r"(?i)^--?[\w-]*(key|token|secret|passw|credential|auth)[\w-]*(=|$)")
_LOGIN = re.compile(r"(\w+://)[^/\s@]+@")
MASKED = "***"


class Facts(BaseModel):
    """Facts of one attempt; empty where nobody said so."""

    model_config = ConfigDict(extra="ignore")

    commit: str = ""
    branch: str = ""
    diff: str = ""
    command: list[str] = []
    directory: str = ""
    python: str = ""
    packages: dict[str, str] = {}
    host: str = ""
    system: str = ""
    processors: int | None = None
    devices: list[str] = []
    seeds: dict[str, int] = {}
    environment: dict[str, str] = {}
    order: str = ""

    @classmethod
    def read(cls, given: Any) -> "Facts":
        """Facts as a program sent them; of those that do not fit none."""
        try:
            return cls.model_validate(given)
        except ValidationError:
            return cls()


def gather(devices: Sequence[str] = (), seeds: Mapping[str, int] | None = None) -> Facts:
    """The facts of this process, read anew. Never raises; takes some milliseconds where git answers."""
    diff, head = _git("diff", "HEAD"), _git("rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    facts = Facts(
        devices=list(devices) or nvml.names(),
        seeds=_seeds() if seeds is None else dict(seeds),
        command=masked_command(sys.argv),
        directory=str(Path.cwd()),
        python=platform.python_version(),
        packages=_packages(),
        host=platform.node(),
        system=platform.platform(),
        processors=os.cpu_count(),
        environment=masked(dict(os.environ)),
    )
    commit, _, branch = head().partition("\n")
    code = {"commit": commit[:100], "branch": branch[:1000], "diff": diff()[:LONGEST_DIFF]}
    return facts.model_copy(update=code)


def masked(environment: dict[str, str]) -> dict[str, str]:
    """Environment variables with everything hidden that looks like a secret by its name or as a login.

    >>> masked({"HOME": "/root", "API_TOKEN": "abc", "PROXY": "http://me:pass@proxy"})
    {'API_TOKEN': '***', 'HOME': '/root', 'PROXY': 'http://***@proxy'}
    """
    return {
        name: MASKED if _SECRET.search(name) else _LOGIN.sub(rf"\1{MASKED}@", environment[name])[:1000]
        for name in sorted(environment)
    }


def masked_command(arguments: list[str]) -> list[str]:
    """A command line without what looks like a secret.

    >>> masked_command(["train.py", "--api-key", "abc", "--token=x", "--lr", "0.1"])
    ['train.py', '--api-key', '***', '--token=***', '--lr', '0.1']
    """
    shown: list[str] = []
    hide = False
    for argument in arguments:
        match = _VALUE.match(argument)
        text = f"{argument.partition('=')[0]}={MASKED}" if match and "=" in argument else argument
        shown.append(MASKED if hide else _LOGIN.sub(rf"\1{MASKED}@", text)[:1000])
        hide = bool(match) and "=" not in argument
    return shown[:1000]


def _git(*arguments: str) -> Callable[[], str]:
    """Begin to ask git; what is returned waits for the answer, which is empty where git fails."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        process = subprocess.Popen(["git", *arguments], stdin=nothing, stdout=pipe, stderr=nothing)
    except OSError:
        return lambda: ""
    return lambda: _answer(process)


def _answer(process: subprocess.Popen[bytes]) -> str:
    with process:
        try:
            output, _ = process.communicate(timeout=GIT_S)
        except (OSError, subprocess.SubprocessError):
            process.kill()
            return ""
    return output.decode(errors="replace").replace("\0", "").strip() if process.returncode == 0 else ""


def _packages() -> dict[str, str]:
    """Names and versions by the folders' names: reading each one's metadata would take a quarter second."""
    named: dict[str, str] = {}
    for place in sys.path:
        with contextlib.suppress(OSError):
            for folder in Path(place or ".").iterdir():
                if folder.name.endswith(".dist-info"):
                    name, _, version = folder.name.removesuffix(".dist-info").partition("-")
                    named.setdefault(name, version)
    return dict(sorted(named.items(), key=lambda pair: pair[0].lower())[:MOST_PACKAGES])


def _seeds() -> dict[str, int]:
    """The seed of a torch that is there already."""
    torch = sys.modules.get("torch")
    with contextlib.suppress(AttributeError, RuntimeError):
        seed = torch.initial_seed() if torch else -1
        return {"torch": seed} if 0 <= seed <= LAST_STEP else {}
    return {}
