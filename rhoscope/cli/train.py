"""One run in this terminal, with no server at all."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import out, read_spec
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.records import Event
