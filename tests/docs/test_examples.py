"""Programs in the guides do what the guides say; those of other subjects are run by the tests of these."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rhoscope.client import Client
from rhoscope.runs import SweepSpec

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"


def test_the_sweep_in_the_guide_is_fifteen_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[SweepSpec] = []

    def sweep(_client: Client, spec: dict[str, Any]) -> SimpleNamespace:
        sent.append(SweepSpec.model_validate(spec))
        return SimpleNamespace(runs=[])

    monkeypatch.setattr(Client, "sweep", sweep)
    (code,) = re.findall(r"```python\n(.*?)```", (GUIDES / "sweep.md").read_text(), re.DOTALL)
    exec(code, {})
    (spec,) = sent
    assert len(spec.grid["alpha"]) * len(spec.seeds) == 15
    assert spec.base.settings == {"epochs": 12}


@pytest.mark.parametrize("guide", sorted(GUIDES.glob("*.md")), ids=lambda path: path.stem)
def test_every_guide_has_a_title_that_names_a_task(guide: Path) -> None:
    assert re.match(r"# [A-Z][\w'-]+( \S+)*\n", guide.read_text())
