"""What a person types into a field becomes values, or one complaint that names the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.values import MOST_VALUES, read, show
from rhoscope.errors import InvalidInput

NUMBER = {"type": "number", "minimum": 0, "maximum": 100}
WHOLE = {"type": "integer", "minimum": 0}


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.6g}")), min_size=1, max_size=6, unique=True))
def test_numbers_read_back_as_they_are_shown(values: list[float]) -> None:
    assert read("alpha", NUMBER, ", ".join(show(v) for v in values)) == values


@pytest.mark.parametrize("text", ["0.1, 0.8, 1.5", "0.1 0.8 1.5", "0.1;0.8;1.5", " 0.1 ,0.8,\t1.5 ,"])
def test_several_values_are_several_runs_however_they_are_separated(text: str) -> None:
    assert read("alpha", NUMBER, text) == [0.1, 0.8, 1.5]


@pytest.mark.parametrize("text", ["0-3", "0 - 3", "0..3", "0 – 3", "0, 1-3", "0-2, 2-3"])
def test_a_range_of_whole_numbers_names_each_once(text: str) -> None:
    assert read("seed", WHOLE, text) == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["3-1", f"0-{MOST_VALUES}"])
def test_a_range_that_goes_down_or_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="range"):
        read("seed", WHOLE, text)


@pytest.mark.parametrize("text", ["much", "1.2.3", "0x10", "--", "1e"])
def test_what_is_no_number_is_refused_with_the_field_the_text_and_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read("alpha", NUMBER, text)
    (error,) = refused.value.errors
    assert (error.field, error.value) == ("alpha", text)
    assert "100" in error.message


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "1e999", "1e400", "Infinity"])
def test_a_number_that_is_not_finite_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a finite number; expected a number from 0 to 100"):
        read("alpha", NUMBER, text)


def test_an_empty_field_means_the_default() -> None:
    assert read("alpha", NUMBER, "  ") == []


def test_a_choice_keeps_the_type_it_was_declared_with() -> None:
    assert read("bits", {"enum": [16, 32]}, "32") == [32]
