"""Rows of a table that cross several settings, each compared with one reference of its own."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

JOIN = " · "
DIGITS = frozenset("-.0123456789")
"""A value that begins with one of them says nothing without its name."""


class Crossing(BaseModel):
    """Every combination of the values in each grid, and for each the row it is compared with."""

    model_config = ConfigDict(extra="forbid")

    over: list[dict[str, list[Any]]] = Field(
        min_length=1, description="grids: fields and settings of a RunSpec with the values to combine"
    )
    reference: dict[str, Any] = Field(
        min_length=1, description="values of those settings that make a combination a reference"
    )
    also: dict[str, Any] = Field(default={}, description="what references are trained with beside that")

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Every combination once, each after its reference."""
        made: list[dict[str, Any]] = []
        for grid in self.over:
            for values in product(*grid.values()):
                chosen = dict(zip(grid, values, strict=True))
                made += [one for one in ({**chosen, **self.reference}, chosen) if one not in made]
        return iter(made)

    def rows(self) -> list[dict[str, Any]]:
        """The rows, as a table's file would list them."""
        return [
            {
                "label": label(chosen),
                "run": {**chosen, **(self.also if self.refers(chosen) else {})},
                "baseline": label({**chosen, **self.reference}),
            }
            for chosen in self.combinations()
        ]

    def refers(self, chosen: dict[str, Any]) -> bool:
        """Whether a combination is a reference."""
        return all(chosen.get(name) == value for name, value in self.reference.items())

    def setting(self, chosen: dict[str, Any]) -> str:
        """The part of a combination that its reference shares, in words."""
        return label({name: value for name, value in chosen.items() if name in self._kept(chosen)})

    def choice(self, chosen: dict[str, Any]) -> str:
        """The part of a combination that its reference does not have, in words."""
        return label({name: chosen[name] for name in self.reference if name in chosen})

    def _kept(self, chosen: dict[str, Any]) -> set[str]:
        axes = {name for grid in self.over for name in grid}
        return (chosen.keys() & axes) - self.reference.keys()


def label(chosen: dict[str, Any]) -> str:
    """A combination in words; a number with its setting's name.

    >>> label({"dataset": "av-digits", "alpha": 0.5})
    'av-digits · alpha 0.5'
    """
    texts = ((name, str(value)) for name, value in chosen.items())
    return JOIN.join(f"{name} {text}" if text[:1] in DIGITS else text for name, text in texts)
