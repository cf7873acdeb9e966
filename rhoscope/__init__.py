"""The language all of rhoscope's programs share, and what a user's own program reports and balances with.

Importing it imports neither torch nor a server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rhoscope.client import Client
from rhoscope.tracker.run import Run
from rhoscope.tracker.start import init

if TYPE_CHECKING:
    from rhoscope.torch.guest import Balance

__all__ = ["Balance", "Client", "Run", "init"]
__version__ = "0.2.0"
"""The version of every program; the build, `rhoscope --version`, OpenAPI and the documentation read it."""


_BRIDGES = ("lightning", "transformers", "accelerate")


def __getattr__(name: str) -> Any:
    if name == "Balance":
        return import_module("rhoscope.torch.guest").Balance
    if name in _BRIDGES:
        return import_module(f"rhoscope.{name}")
    raise AttributeError(f"module 'rhoscope' has no attribute '{name}'")
