"""Troubles that a guest's rows show: its user hears of each in one line, and training goes on.

It is looked for where rows are written down, off the device, so that no step waits for it.
"""

import math
from collections.abc import Callable, Mapping

PATIENCE = 20
"""Steps with gradients of others, after which an encoder that never had one is named."""


class Alarms:
    """`say` gets a sentence, and does not repeat one."""

    def __init__(self, modalities: tuple[str, ...], say: Callable[[str], None]) -> None:
        self._waiting = set(modalities)
        self._say = say
        self._steps = 0

    def look(self, values: Mapping[str, float]) -> None:
        """Look at a row, by series. One of a step that the optimizer left out is empty, and says nothing."""
        for name, value in values.items():
            if name.startswith("grad_norm.") and not math.isfinite(value):
                what = f"the gradient of '{name.partition('.')[2]}' is no finite number any more"
                self._say(f"{what}; a lower learning rate, or clipping, may help")
        if self._waiting:
            self._find_idle({name.partition(".")[2] for name in values if name.startswith("grad_norm.")})

    def _find_idle(self, moving: set[str]) -> None:
        self._waiting -= moving
        self._steps += bool(moving)
        if self._steps < PATIENCE:
            return
        for m in sorted(self._waiting):
            self._say(
                f"the encoder of '{m}' gets no gradient: it is frozen, or the loss does not depend on it"
            )
        self._waiting = set()
