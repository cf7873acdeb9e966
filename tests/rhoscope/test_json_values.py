"""What Python programs hold is sent as JSON has it; what JSON has no place for is named."""

import datetime
import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rhoscope.errors import InvalidInput
from rhoscope.json_values import plain
from rhoscope.runs import SweepSpec
from rhoscope.spec import RunSpec

NUMBERS: list[tuple[Any, Any]] = [
    (np.float32(0.1), 0.1),
    (np.float16(0.5), 0.5),
    (np.float64(0.1), 0.1),
    (np.int64(3), 3),
    (np.uint8(3), 3),
    (np.bool_(True), True),
    (np.array(0.25, np.float32), 0.25),
    (np.array([1, 2]), [1, 2]),
    (torch.tensor(0.5), 0.5),
    (torch.tensor([1, 2]), [1, 2]),
    (Decimal("0.5"), 0.5),
    (Fraction(1, 4), 0.25),
    (range(3), [0, 1, 2]),
    ((1, 2), [1, 2]),
    (np.str_("sgd"), "sgd"),
    (Path("pets"), "pets"),
    ({"a": {"b": np.int32(1)}}, {"a": {"b": 1}}),
]


@pytest.mark.parametrize(("given_", "sent"), NUMBERS, ids=[repr(g) for g, _ in NUMBERS])
def test_numbers_of_any_library_become_plain_ones(given_: Any, sent: Any) -> None:
    result = plain(given_)
    assert result == sent
    assert type(result) is type(sent)
    assert RunSpec(settings={"x": given_}).settings == {"x": sent}
    assert RunSpec.model_validate({"x": given_}).settings == {"x": sent}


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, np.float32("inf"), torch.tensor(math.nan)])
def test_numbers_that_are_not_finite_are_sent_for_the_answer_to_say_what_is_allowed(value: Any) -> None:
    result = plain(value)
    assert isinstance(result, float)
    assert not math.isfinite(result)
    spec = RunSpec.model_validate({"alpha": value})
    again = RunSpec.model_validate_json(spec.model_dump_json()).settings["alpha"]
    assert repr(again) == repr(result)
    swept = SweepSpec(base=spec, grid={"lr": [value]})
    assert repr(SweepSpec.model_validate_json(swept.model_dump_json()).grid) == repr({"lr": [result]})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"alpha": object()}, "alpha: a object can't be sent"),
        ({"settings": {"lr": b"0.1"}}, "settings.lr: a bytes can't be sent"),
        ({"lr": datetime.date(2026, 11, 29)}, "lr: a date can't be sent"),
        ({"lr": {1: 2}}, "lr: 1 is not a name"),
        ({"name": "caf\udce9"}, "name: 'caf\\udce9' is not valid Unicode"),
        ({"lr": 1j}, "lr: a complex can't be sent"),
    ],
)
def test_what_json_has_no_place_for_is_named(value: Any, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plain(value)
    assert says in refused.value.detail


def test_models_are_taken_as_what_they_hold() -> None:
    assert plain({"base": RunSpec(strategy="ogm")})["base"]["strategy"] == "ogm"
    assert SweepSpec.model_validate({"base": RunSpec(strategy="ogm")}).base.strategy == "ogm"


def test_what_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InvalidInput, match="nested more than 32 levels deep"):
        plain({"alpha": loop})


TEXTS = st.text(st.characters(exclude_characters="\0"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
        max_leaves=20,
    )
)
def test_what_is_json_already_stays_as_it_is(value: Any) -> None:
    try:
        "".join(json.dumps(value, ensure_ascii=False)).encode()
    except UnicodeEncodeError:
        with pytest.raises(InvalidInput):
            plain(value)
    else:
        assert plain(value) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_short_decimal_is_still_the_same_short_number(value: float) -> None:
    assert np.float32(plain(np.float32(value))) == np.float32(value)
