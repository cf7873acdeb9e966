"""A document of few bytes stands for few values, or is refused at once."""

import pytest
import yaml

from rhoscope import documents

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [LAUGHS, "a: &a [*a]", "a: &a {b: *a}"])
def test_few_lines_that_stand_for_too_many_values_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="stands for more than 100,000 values"):
        documents.load(text)


@pytest.mark.parametrize("text", ["[" * 600 + "]" * 600, "{a: " * 600 + "}" * 600])
def test_what_lies_too_deep_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="too deeply"):
        documents.load(text)


def test_aliases_and_merges_of_ordinary_files_are_read() -> None:
    text = "base: &base {lr: 1e-3}\nmine: {<<: *base, alpha: 2}\nlist: [*base, *base]\n"
    base = {"lr": "1e-3"}
    assert documents.load(text) == {"base": base, "mine": base | {"alpha": "2"}, "list": [base, base]}
    assert documents.load("") is None
