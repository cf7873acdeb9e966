"""Libraries of every training process, loaded once: a training process forked from there starts at once.

Loaded is only what belongs to rhoscope and torch. Plug-ins are imported by each run anew, since their author
may change them meanwhile, and nothing here touches a GPU: CUDA does not survive a fork.
"""

import gc
import importlib
from collections.abc import Callable
from types import ModuleType

from rhoscope.local import fork

_LIBRARIES = ("torch._dynamo", "trainer.run")  # the first would be loaded by an optimizer's first step
_loaded: dict[str, ModuleType] = {}


def load() -> None:
    """Load torch and the trainer, where a fork can use them."""
    if fork.AVAILABLE:
        for name in _LIBRARIES:
            _loaded[name] = importlib.import_module(name)
        gc.collect()
        gc.freeze()  # a collection in a fork would copy the pages of all that is loaded


def entrance() -> Callable[[], int] | None:
    """The main function of a training process, if `load` was called in this process or a parent of it."""
    module = _loaded.get("trainer.run")
    return module.entrance if module else None
