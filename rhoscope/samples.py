"""Single examples of a run: how well each modality alone, and all together, know each, over validations.

Probabilities are those given to an example's right class, in [0, 1]; None where there is none, as of a
modality that the example lacks.
"""

import hashlib
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence, Sized
from hashlib import blake2b
from itertools import count
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from rhoscope.media import enclosed, opened
from rhoscope.tables import rounded

CHOSEN = 200
"""Examples of a split that a run follows."""
MOST = CHOSEN
"""Examples of one record."""
MOST_MODALITIES = 32
MOST_NUMBERS = 4096
"""Numbers of one example's curves."""
MOST_LETTERS = 4000
MOST_BYTES = 256 * 2**10
"""Bytes of one picture or sound of an example."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Column = list[Probability | None]
Finite = Annotated[float, Field(allow_inf_nan=False)]


def chosen(names: Sequence[str], labels: Sequence[Hashable], most: int = CHOSEN) -> list[int]:
    """Rows of at most `most` examples, ascending: of each label as many as of another, as far as there are.

    Within a label the names' hashes decide: the same names give the same choice, and an example more changes
    it by one at most.
    """
    turns: dict[Hashable, count[int]] = {}
    mixed = sorted(
        (blake2b(n.encode(errors="replace"), digest_size=8).digest(), i) for i, n in enumerate(names)
    )
    ranked = sorted((next(turns.setdefault(labels[row], count())), key, row) for key, row in mixed)
    return sorted(row for *_, row in ranked[:most])


class Samples(BaseModel):
    """Data of a `samples` event: one validation, an entry of each list per example."""

    epoch: int | None = Field(default=None, ge=0, lt=2**31, description="epoch that was validated, from 0")
    names: list[Name] = Field(min_length=1, max_length=MOST, description="each example once")
    labels: list[Name] = Field(max_length=MOST, description="right class of each example")
    together: Column = Field(max_length=MOST, description="probability that the whole network gives")
    alone: dict[Name, Column] = Field(
        max_length=MOST_MODALITIES, description="probability that each modality alone gives"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        count = len(self.names)
        if len(set(self.names)) != count:
            raise ValueError("two examples have the same name")
        columns: dict[str, Sized] = {"labels": self.labels, "together": self.together, **self.alone}
        for name, column in columns.items():
            if len(column) != count:
                raise ValueError(f"'{name}' has {len(column)} entries for {count} examples")
        return self

    @classmethod
    def make(
        cls,
        names: Sequence[str],
        labels: Sequence[str],
        together: Iterable[float | None],
        alone: Mapping[str, Iterable[float | None]],
        epoch: int | None = None,
    ) -> "Samples":
        """A record whose numbers keep five significant digits; what is not finite is None."""
        return cls(
            epoch=epoch,
            names=list(names),
            labels=list(labels),
            together=_column(together),
            alone={modality: _column(column) for modality, column in alone.items()},
        )


def _column(values: Iterable[float | None]) -> Column:
    return [None if value is None or not math.isfinite(value) else rounded(value) for value in values]


class Part(BaseModel):
    """One modality of an example, as a reader sees or hears it: media, or a text, or curves.

    `content` are the bytes in base64, on their way to the store; there they are kept under their `digest`.
    """

    modality: Name
    kind: Literal["image", "sound", "text", "curves"]
    text: str = Field(default="", max_length=MOST_LETTERS)
    curves: list[list[Finite]] = Field(default=[], max_length=64)
    digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$", description="SHA-256 of a picture or sound")
    content: str = Field(default="", max_length=MOST_BYTES * 4 // 3 + 4)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(map(len, self.curves)) > MOST_NUMBERS:
            raise ValueError(f"its curves have more than {MOST_NUMBERS:,} numbers")
        if self.content:
            self.opened()
        return self

    @classmethod
    def of(cls, modality: str, kind: Literal["image", "sound"], data: bytes) -> "Part":
        """A picture or a sound. Raises: ValueError, when it is none or too large."""
        digest = hashlib.sha256(data).hexdigest()
        return cls(modality=modality, kind=kind, digest=digest, content=enclosed(data))

    def opened(self) -> tuple[str, bytes]:
        """Type and bytes of `content`. Raises: ValueError, when they are not what they are said to be."""
        if self.kind not in ("image", "sound"):
            raise ValueError(f"a part of kind '{self.kind}' has no content")
        form, data = opened(self.content, self.digest, self.kind)
        if len(data) > MOST_BYTES:
            raise ValueError(f"it has {len(data):,} bytes, more than the maximum of {MOST_BYTES:,}")
        return form, data


class Example(BaseModel):
    """Data of an `example` event: how an example is shown."""

    name: Name
    parts: list[Part] = Field(max_length=MOST_MODALITIES)


class Gap(BaseModel):
    """Differences between two modalities at one validation, over the examples that have both."""

    step: int
    low: float = Field(description="10th percentile of the first one's probability less the second's")
    median: float
    high: float = Field(description="90th percentile")


class SamplesAnswer(BaseModel):
    """Answer of GET /runs/{id}/samples: one validation's examples, and the course of the differences."""

    run: str
    step: int | None = Field(description="steps taken before this validation; null: there is none")
    steps: list[int] = Field(description="steps of the validations that can be asked for, ascending")
    total: int = Field(description="number of validations before thinning")
    samples: Samples | None
    between: list[str] = Field(description="the two modalities of `gaps`; empty where there is only one")
    gaps: list[Gap]


class ExampleAnswer(BaseModel):
    """Answer of GET /runs/{id}/samples/example: one example over validations, and how it is shown."""

    name: str
    label: str
    holder: str = Field(description="the run, or its ancestor, under which the digests of `parts` are found")
    parts: list[Part]
    steps: list[int]
    together: Column
    alone: dict[str, Column] = Field(description="a value per step; null where there is none")
