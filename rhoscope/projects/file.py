"""A project's file, `rhoscope.yaml`: read, checked, and made a plug-in of the catalog.

Only the worker that was started there reads it. What it announces holds settings and no command.
"""

import os
import re
import shlex
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import rhoscope
from rhoscope import documents
from rhoscope.catalog import Catalog
from rhoscope.catalog_faults import catalog_fault
from rhoscope.errors import InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.programs import RESUMES
from rhoscope.projects import command
from rhoscope.projects.declarations import Declared, declared, variable_faults
from rhoscope.schema import unknown_name
from rhoscope.spec import MOST_SETTINGS, PROGRAM
from rhoscope.texts import fault

FILE = "rhoscope.yaml"
KEYS = (
    *("name", "help", "command", "environment", "folder"),
    *("variables", "settings", "settings_as", "checkpoints"),
)
LARGEST_BYTES = 2**20
_SHELL = re.compile(r"^(\|\|?|&&?|;|[0-9&]?>>?(&[0-9])?.*|<.*)$|;$|\$[A-Za-z_({]|`")
"""What a shell does with a word: pipes, redirections, variables."""
LONGEST_HELP = 10_000


@dataclass(frozen=True)
class Project:
    """A program that can be launched. `environment` is a folder with `bin/python`, or None: the worker's own.

    `checkpoints` is the place of all runs' checkpoints, or empty where the program does not go on from them.
    """

    file: Path
    name: str
    help: str
    command: tuple[str, ...]
    environment: Path | None
    folder: Path
    variables: Mapping[str, str]
    settings: tuple[Declared, ...]
    checkpoints: str

    def plugin(self) -> Plugin:
        """Its part of the catalog: all that others may know of it."""
        return Plugin(
            kind="program",
            name=self.name,
            title=self.name,
            help=self.help,
            settings={one.name: dict(one.schema) for one in self.settings},
            provides=[RESUMES] if self.checkpoints else [],
        )

    def path(self, present: str) -> str:
        """The PATH of its program: that of its environment first."""
        own = [str(self.environment / "bin")] if self.environment else []
        return os.pathsep.join([*own, present])

    def executable(self, present: str) -> str:
        """The file that its command names. Raises: InvalidInput, when there is none on this machine."""
        first = self.command[0]
        sought = str(self.folder / Path(first).expanduser()) if "/" in first else first
        program = shutil.which(sought, path=self.path(present))
        if program is None:
            where = f"in {self.environment / 'bin'} or on the PATH" if self.environment else "on the PATH"
            place = f"at {sought}" if "/" in first else where
            raise _misfit(self.file, "command", f"expected an executable {place}, and '{first}' is none")
        return program


def read(folder: Path, present: str = os.defpath) -> Project:
    """The project in a folder, or of a file. `present` is the PATH of the worker.

    Raises:
        InvalidInput: one sentence with the file, the key, and what is expected.
    """
    file = (folder if folder.name == FILE else folder / FILE).absolute()
    content = _content(file)
    if os.pathsep in str(file):
        raise InvalidInput(f"{file}: a project's folder can't have {os.pathsep!r} in its path.")
    for key in content:
        if key not in KEYS:
            raise _misfit(file, str(key), unknown_name("key", str(key), KEYS))
    base = file.parent
    text = partial(_text, file, content)
    project = Project(
        file=file,
        name=_name(file, text("name")) if text("name") else _named_after(file, base.name),
        help=text("help"),
        command=_command(file, content.get("command")),
        environment=_environment(file, text("environment")),
        folder=_folder(file, text("folder")),
        variables=_variables(file, content.get("variables", {})),
        settings=_settings(file, content),
        checkpoints=_place(file, text("checkpoints")),
    )
    project.executable(present)
    announced = Catalog(version=rhoscope.__version__, plugins=[project.plugin()])
    if reason := catalog_fault(announced.model_dump_json().encode()):
        raise InvalidInput(f"{file}: no server would take it: {reason}.")
    return project


def _content(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise InvalidInput(f"{file} has more than {LARGEST_BYTES:,} bytes.")
        content = documents.load(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        message = f"There is no {FILE} in {file.parent}; it names the program's command and settings."
        raise InvalidInput(message) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not in UTF-8; save it in that encoding.") from error
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.") from error
    except (RecursionError, yaml.YAMLError) as error:
        raise InvalidInput(f"{file} can't be read as YAML: {_reason(error)}.") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{file} should hold a mapping, such as 'command: python train.py'.")
    return content


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    words = getattr(error, "problem", None) or str(error).splitlines()[0]
    if words.startswith("but "):
        words = f"{getattr(error, 'context', '')}, {words}"
    return f"{words}{where}"


def _text(file: Path, content: Mapping[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise _misfit(file, key, "expected a text")
    if words := fault(value, LONGEST_HELP):
        raise _misfit(file, key, words)
    return value.strip()


def _name(file: Path, name: str) -> str:
    if not re.fullmatch(PROGRAM, name):
        message = "expected 1 to 50 letters, digits, dots, hyphens, and underscores"
        raise _misfit(file, "name", f"'{name}' is invalid; {message}")
    return name


def _named_after(file: Path, folder: str) -> str:
    """A name like the folder's. Raises: InvalidInput, where no letter of it may be in a name.

    >>> _named_after(Path(FILE), "Größe & mehr")
    'Grosse-mehr'
    """
    plain = unicodedata.normalize("NFKD", folder.replace("ß", "ss")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^0-9a-zA-Z_.]+", "-", plain).strip("-.")[:50]
    if not name:
        raise _misfit(
            file, "name", f"there is none, and the folder's, '{folder}', can't be one; add 'name: net'"
        )
    return name


def _command(file: Path, given: Any) -> tuple[str, ...]:
    expected = "expected the program's command, such as 'python train.py' or [python, train.py]"
    try:
        words = shlex.split(given) if isinstance(given, str) else given
    except ValueError as error:
        raise _misfit(file, "command", f"{expected}; {error}") from error
    if isinstance(given, str) and (fault_ := next(_shell_faults(words), "")):
        raise _misfit(file, "command", fault_)
    usable = isinstance(words, list) and words and all(isinstance(w, str) and w for w in words)
    if not usable or any("\0" in word for word in words):
        raise _misfit(file, "command", expected)
    return tuple(words)


def _shell_faults(words: Sequence[str]) -> Iterator[str]:
    """Words of a text that only a shell would understand."""
    if words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0]):
        yield f"'{words[0]}' sets a variable; put it under 'variables', and the program first"
    for word in words[: words.index("-c")] if "-c" in words else words:  # a shell's own text follows it
        if _SHELL.search(word):
            yield (
                f"'{word}' is for a shell, and no shell reads the command; write [sh, -c, ...], "
                "or a list of words if it is meant as it is"
            )


def _environment(file: Path, given: str) -> Path | None:
    if not given:
        return None
    expected = "expected the folder of a virtual or conda environment, or conda:NAME"
    if given.startswith("conda:"):
        folder = _conda(given.removeprefix("conda:"))
        if folder is None:
            raise _misfit(file, "environment", f"conda knows no environment '{given[6:]}'; {expected}")
    else:
        folder = Path(os.path.normpath(file.parent / Path(given).expanduser()))
    if not (folder / "bin" / "python").exists():
        raise _misfit(file, "environment", f"{folder} has no bin/python; {expected}")
    return folder


def _conda(name: str) -> Path | None:
    """The folder of a conda environment, by the list that conda keeps of all there are."""
    try:
        listed = (Path.home() / ".conda" / "environments.txt").read_text().splitlines()
    except OSError:
        return None
    return next((Path(line) for line in listed if line and Path(line).name == name), None)


def _folder(file: Path, given: str) -> Path:
    folder = Path(os.path.normpath(file.parent / Path(given).expanduser()))
    if not folder.is_dir():
        raise _misfit(file, "folder", f"{folder} is no folder; expected the program's working directory")
    return folder


def _variables(file: Path, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise _misfit(file, "variables", "expected a mapping of environment variables to texts")
    for name, value in given.items():
        if wrong := next(variable_faults(str(name)), ""):
            raise _misfit(file, f"variables.{name}", wrong)
        if not isinstance(value, str) or "\0" in value:
            raise _misfit(file, f"variables.{name}", "expected a text")
    return {str(name): str(value) for name, value in given.items()}


def _settings(file: Path, content: Mapping[str, Any]) -> tuple[Declared, ...]:
    settings_as = content.get("settings_as", "arguments")
    if settings_as not in ("arguments", "environment"):
        raise _misfit(file, "settings_as", f"{settings_as!r} is invalid; expected arguments or environment")
    given = content.get("settings", {})
    if not isinstance(given, Mapping):
        raise _misfit(file, "settings", "expected a mapping of names to {type, default, help}")
    if len(given) > MOST_SETTINGS:
        raise _misfit(
            file, "settings", f"expected at most {MOST_SETTINGS} settings, and there are {len(given)}"
        )
    try:
        settings = tuple(declared(given, settings_as).values())
    except InvalidInput as error:
        raise _misfit(file, error.errors[0].field, error.errors[0].message) from error
    for one in settings:
        if one.variable in content.get("variables", {}):
            message = f"setting '{one.name}' sets it, too; leave one of them out"
            raise _misfit(file, f"variables.{one.variable}", message)
    try:
        command.arguments(settings, {one.name: one.schema.get("default") for one in settings})
    except InvalidInput as error:
        raise _misfit(file, f"settings.{error.errors[0].field}.default", error.errors[0].message) from error
    return settings


def _place(file: Path, given: str) -> str:
    """The folder of checkpoints, absolute; another kind of address as it is."""
    if not given or "://" in given:
        return given
    place = os.path.normpath(file.parent / Path(given).expanduser())
    if Path(place).is_file():
        raise _misfit(file, "checkpoints", f"{place} is a file; expected a folder, which may be made yet")
    return place


def _misfit(file: Path, key: str, message: str) -> InvalidInput:
    return InvalidInput(f"{file}: {key}: {message}.")
