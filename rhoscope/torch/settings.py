"""Settings of `rhoscope.Balance`, those that can be turned while it trains among them."""

from typing import Any, Literal

from torch import nn
from torch.amp.grad_scaler import GradScaler

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


_CHOICES: dict[str, tuple[str, ...]] = {
    "scope": ("all", "conv", "auto"),
    "apply_to": ("gradient", "update"),
    "ratio": ("mean", "min"),
    "k_rule": ("paper", "official-code", "journal"),
}


def check(options: Options, modalities: tuple[str, ...], *, hooked: bool) -> None:
    """Raises: InvalidInput, naming what fits no balance."""
    if odd := sorted(options.keys() - Options.__annotations__.keys() - Ways.__annotations__.keys()):
        raise InvalidInput.field(odd[0], "Balance has no such option", str(options.get(odd[0]))[:100])
    for field, choices in _CHOICES.items():
        value = options.get(field, choices[0])
        if value not in choices:
            raise InvalidInput.field(field, f"expected one of {', '.join(choices)}", str(value))
    if options.get("apply_to") == "update" and not hooked:
        raise InvalidInput.field("apply_to", "'update' needs optimizer=, whose step it watches", "update")
    for m in options.get("without", ()):
        if m not in modalities:
            raise InvalidInput.field("without", f"expected some of {', '.join(modalities)}", m)


class Knobs:
    """The settings that can be turned while it trains."""

    def __init__(self, strategy: str, able: tuple[str, ...], alpha: float, options: Options) -> None:
        """Raises: InvalidInput, for values that fit none."""
        first, last = options.get("window", (0, None))
        noise = float(options.get("noise_scale", 1.0))
        self.strategy = Knob("strategy", strategy, choices=able, help="Method that balances modalities.")
        self.alpha = Knob("alpha", float(alpha), ge=0, le=100, help="Strength of the modulation.")
        self.noise_scale = Knob("noise_scale", noise, ge=0, le=100, help="Of the added noise.")
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
