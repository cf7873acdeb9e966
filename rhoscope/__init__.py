"""The language all of rhoscope's programs share, and what a user's own program reports and balances with.

Importing it imports next to nothing: what it offers is imported on use, since most programs use one of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rhoscope.client import Client
    from rhoscope.torch.guest import Balance
    from rhoscope.tracker.run import Run
    from rhoscope.tracker.start import init

__all__ = ["Balance", "Client", "Run", "init"]
__version__ = "0.2.0"
"""The version of every program; the build, `rhoscope --version`, OpenAPI and the documentation read it."""


_ROOMS = {
    "Balance": "rhoscope.torch.guest",
    "Client": "rhoscope.client",
    "Run": "rhoscope.tracker.run",
    "init": "rhoscope.tracker.start",
}
_BRIDGES = ("lightning", "transformers", "accelerate")


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    if name in _BRIDGES:
        return import_module(f"rhoscope.{name}")
    raise AttributeError(f"module 'rhoscope' has no attribute '{name}'")
