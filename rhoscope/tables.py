"""Small named tables that a run records repeatedly: numbers by row and column."""

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_CELLS = 100_000
"""Numbers of one table: 309 classes by 6 columns are 1,854."""
DIGITS = 5

Name = Annotated[str, Field(min_length=1, max_length=200)]


def rounded(value: float, digits: int = DIGITS) -> float:
    """A number with this many significant digits; non-finite ones are unchanged.

    >>> rounded(0.123456789), rounded(123456.7)
    (0.12346, 123460.0)
    """
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


class Table(BaseModel):
    """Data of a `table` event. Non-finite numbers are "NaN", "Infinity", "-Infinity"."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: Name = Field(description="name of the table: layers, classes")
    epoch: int = Field(ge=0, lt=2**31, description="epoch the table describes, from 0")
    rows: list[Name] = Field(max_length=20_000)
    columns: list[Name] = Field(max_length=200)
    values: list[list[float]] = Field(description="one list of values per row")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(set(self.rows)) != len(self.rows) or len(set(self.columns)) != len(self.columns):
            raise ValueError("two rows or two columns have the same name")
        if len(self.rows) * len(self.columns) > MOST_CELLS:
            raise ValueError(f"it has more than {MOST_CELLS} numbers")
        if [len(row) for row in self.values] != [len(self.columns)] * len(self.rows):
            raise ValueError(f"expected {len(self.rows)} rows of {len(self.columns)} values")
        return self

    @classmethod
    def make(
        cls,
        name: str,
        epoch: int,
        rows: Sequence[str],
        columns: Sequence[str],
        values: Iterable[Iterable[float]],
    ) -> "Table":
        """A table whose numbers keep five significant digits."""
        short = [[rounded(value) for value in row] for row in values]
        return cls(name=name, epoch=epoch, rows=list(rows), columns=list(columns), values=short)

    def aligned(self, rows: Sequence[str], columns: Sequence[str]) -> list[list[float | None]]:
        """The values under other labels; None where this table has no such cell."""
        if (self.rows, self.columns) == (list(rows), list(columns)):
            return [list(row) for row in self.values]
        by_row = dict(zip(self.rows, self.values, strict=True))
        place = {column: i for i, column in enumerate(self.columns)}
        return [
            [by_row[row][place[column]] if row in by_row and column in place else None for column in columns]
            for row in rows
        ]


class TablesAnswer(BaseModel):
    """Answer of GET /runs/{id}/tables: one table over time, with the newest one's rows and columns."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: str
    name: str
    rows: list[str]
    columns: list[str]
    steps: list[int] = Field(description="number of finished steps at each report, ascending")
    epochs: list[int] = Field(description="epoch that each report describes")
    values: list[list[list[float | None]]] = Field(description="[times][rows][columns]; null: no such cell")
    total: int = Field(description="number of reports before thinning")
