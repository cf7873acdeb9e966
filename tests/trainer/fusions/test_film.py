"""FiLM as its publication has it, and as the code of OGM-GE has it."""

import pytest
import torch
from torch import nn

from trainer.fusions.film import FiLM


@pytest.mark.parametrize(("variant", "offset"), [("paper", 1.0), ("official-code", 0.0)])
def test_the_second_modality_is_scaled_and_shifted_by_the_first(variant: str, offset: float) -> None:
    """One layer gives γ and β side by side, a second the logits: the published code's forward pass."""
    torch.manual_seed(0)
    width, classes = 6, 4
    film = FiLM({"a": width, "b": width}, classes, FiLM.Settings(film_variant=variant))
    both, out = nn.Linear(width, 2 * width), film.heads["b"]
    with torch.no_grad():
        both.weight.copy_(torch.cat([film.scales["b"].weight, film.shifts["b"].weight]))
        both.bias.copy_(torch.cat([film.scales["b"].bias, film.shifts["b"].bias]))
    a, b = torch.randn(5, width), torch.randn(5, width)
    gamma, beta = both(a).split(width, 1)
    expected = out((offset + gamma) * b + beta)
    torch.testing.assert_close(film.fuse({"a": a, "b": b}), expected)


def test_another_variant_is_refused() -> None:
    with pytest.raises(ValueError, match="film_variant"):
        FiLM.Settings.model_validate({"film_variant": "both"})
