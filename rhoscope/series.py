"""The declaration of a series: one named column of numbers, with what a reader needs to trust it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MODALITY = "{m}"
LAST_STEP = 2**53 - 1
"""The greatest step: int64 in files and stores, and exact in JSON, which knows no greater whole number."""


class Series(BaseModel):
    """A named column. `{m}` in the name is replaced by each modality: `rho.{m}` becomes `rho.audio`, ...

    A chart gathers all series with the same `chart` (default: the name's part before `.{m}`); its title,
    scale and reference line are those of the series whose stem is the chart's name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)
    unit: str = Field(min_length=1, description="'1' for a pure number")
    formula: str = Field(min_length=1, description="plain Unicode mathematics")
    help: str = Field(min_length=1, description="what it means and how to read it")
    chart: str = ""
    role: str = Field(default="", description="label that distinguishes it in its chart's legend")
    scale: Literal["linear", "log"] = "linear"
    reference: float | None = Field(default=None, description="a horizontal line worth drawing")
    reduce: Literal["mean", "sum", "same"] = Field(
        default="same", description="how several GPUs' values become one"
    )
    every: str = Field(
        default="",
        description="the setting that says how many steps lie between two values, or a comma-separated list "
        "of them: a value comes where all are due; none: each step has one",
    )
    sparse: bool = Field(default=False, description="not at every step: travels in events, not blocks")

    @property
    def stem(self) -> str:
        """The name without its modality.

        >>> Series(name="rho.{m}", title="t", unit="1", formula="f", help="h").stem
        'rho'
        """
        return self.name.removesuffix(f".{MODALITY}")

    @property
    def group(self) -> str:
        """The chart this series is drawn in."""
        return self.chart or self.stem

    def expand(self, modalities: tuple[str, ...]) -> tuple["Series", ...]:
        """One series per modality, or itself when its name holds no `{m}`; each with `chart` filled in."""
        if MODALITY not in self.name:
            return (self.model_copy(update={"chart": self.group}),)
        return tuple(
            self.model_copy(update={"name": self.name.replace(MODALITY, m), "chart": self.group})
            for m in modalities
        )
