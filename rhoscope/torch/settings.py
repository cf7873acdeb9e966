"""Settings of `rhoscope.Balance`, those that can be turned while it trains among them."""

import re
from collections.abc import Mapping
from numbers import Real
from typing import Any, Literal

from torch import nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import Optimizer

from rhoscope.errors import InvalidInput
from rhoscope.torch.balance import RatioRule
from rhoscope.torch.coefficients import Rule
from rhoscope.torch.modulation import STRATEGIES
from rhoscope.torch.scoring import Ways
from rhoscope.tracker.knobs import Knob
from rhoscope.tracker.run import Run

Window = tuple[int, int | None]


class Options(Ways, total=False):
    """Further options of `Balance`.

    `scope`: parameters to modulate; `apply_to`: whether k acts on the gradient, or on the update that the
    optimizer makes of it; `window`: first and last step to modulate, from 0; `scaler`: of mixed precision;
    `model`: where encoders are named, and what is asked again for tokens; `without`: modalities that a task
    of tokens leaves out, by default the first; `shifted`: whether an output predicts the next token, as in
    Transformers; `group`: of processes; `run`: by default the present one; `order`: of modulation and
    clipping, for the run's facts, where the loop knows it.
    """

    scope: Literal["all", "conv", "auto"]
    apply_to: Literal["gradient", "update"]
    ratio: RatioRule
    k_rule: Rule
    noise_scale: float
    window: Window
    scaler: GradScaler
    model: nn.Module
    without: tuple[str, ...]
    shifted: bool
    group: Any
    run: Run
    order: Literal["before-clip", "after-clip"]


_KINDS: dict[str, tuple[type, str]] = {
    "optimizer": (Optimizer, "an optimizer of torch"),
    "head": (nn.Module, "a module"),
    "model": (nn.Module, "a module"),
    "scaler": (GradScaler, "a gradient scaler of torch"),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "scope": ("all", "conv", "auto"),
    "apply_to": ("gradient", "update"),
    "ratio": ("mean", "min"),
    "k_rule": ("paper", "official-code", "journal"),
}


def check(options: Options, encoders: Any, optimizer: object, head: object) -> tuple[str, ...]:
    """The modalities. Raises: InvalidInput, naming what fits no balance."""
    if not isinstance(encoders, Mapping) or not encoders:
        raise InvalidInput.field("encoders", "expected at least one modality, by name", {})
    for m in encoders:
        if not isinstance(m, str) or not re.fullmatch(r"[\w-]{1,100}", m):
            raise InvalidInput.field("encoders", "expected names of letters, digits, _ and -", str(m))
    if odd := sorted(options.keys() - Options.__annotations__.keys() - Ways.__annotations__.keys()):
        raise InvalidInput.field(odd[0], "Balance has no such option", str(options.get(odd[0]))[:100])
    _check_each({"optimizer": optimizer, "head": head, **options})
    if options.get("apply_to") == "update" and optimizer is None:
        raise InvalidInput.field("apply_to", "'update' needs optimizer=, whose step it watches", "update")
    if odd := [str(m) for m in options.get("without", ()) if m not in encoders]:
        raise InvalidInput.field("without", f"expected some of {', '.join(encoders)}", odd[0])
    return tuple(encoders)


def _check_each(given: Mapping[str, Any]) -> None:
    for field, choices in _CHOICES.items():
        value = given.get(field, choices[0])
        if value not in choices:
            raise InvalidInput.field(field, f"expected one of {', '.join(choices)}", str(value))
    for field, (kind, name) in _KINDS.items():
        if given.get(field) is not None and not isinstance(given[field], kind):
            raise InvalidInput.field(field, f"expected {name}", str(given[field])[:100])


class Knobs:
    """The settings that can be turned while it trains."""

    def __init__(self, strategy: str, able: tuple[str, ...], alpha: float, options: Options) -> None:
        """Raises: InvalidInput, for values that fit none."""
        first, last = _window(options.get("window", (0, None)))
        noise = options.get("noise_scale", 1.0)
        self.strategy = Knob("strategy", strategy, choices=able, help="Method that balances modalities.")
        self.alpha = Knob("alpha", _number("alpha", alpha), ge=0, le=100, help="Strength of the modulation.")
        self.noise_scale = Knob(
            "noise_scale", _number("noise_scale", noise), ge=0, le=100, help="Of the added noise."
        )
        self.starts = Knob("modulation_starts", first, ge=0, help="First step to modulate, from 0.")
        self.ends = Knob("modulation_ends", last, help="Last step to modulate; empty: to the end.")

    def all(self) -> list[Knob]:
        """Every one."""
        return [self.strategy, self.alpha, self.noise_scale, self.starts, self.ends]

    def strategy_at(self, step: int) -> str:
        """The strategy that acts at a step: outside the window it only watches."""
        begins, ends = self.starts(), self.ends()
        inside = begins <= step and (ends is None or step <= ends)
        chosen: str = self.strategy() if inside else STRATEGIES[0]
        return chosen


def _number(field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidInput.field(field, "expected a number", str(value)[:100])
    return float(value)


def _window(value: Any) -> Window:
    first, last = value if isinstance(value, tuple | list) and len(value) == 2 else (None, None)
    numbers = [one for one in (first, last) if one is not None]
    whole = all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in numbers)
    if first is None or not whole or (last is not None and last < first):
        message = "expected the first and the last step, from 0, the last one None where it has no end"
        raise InvalidInput.field("window", message, str(value)[:100])
    return first, last
