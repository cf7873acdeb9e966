"""Comparison of each part with the published code, and the golden check's figures."""

import importlib
import sys
from functools import cache
from pathlib import Path
from typing import Any

from generators.catalog import catalog
from generators.markdown import table
from rhoscope.plugin import PluginKind

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
KINDS: dict[PluginKind, str] = {
    "strategy": "Strategies",
    "fusion": "Fusions",
    "encoder": "Encoders",
    "dataset": "Data sets",
}


def plugins() -> str:
    """Every part that says how it compares, by kind."""
    return "".join(
        f"## {title}\n\n{table((kind, 'compared with the published code'), rows)}"
        for kind, title in KINDS.items()
        if (rows := [(f"`{p.name}`", p.fidelity) for p in catalog().of_kind(kind) if p.fidelity])
    )


@cache
def golden() -> str:
    """Each golden item with its cases, and the figure nearest to what is allowed, as checked now."""
    check = _check()
    rows = []
    for path in sorted((GOLDEN / "cases").glob("*.json")):
        verdicts = list(check.verdicts(path))
        worst = max((difference for _, _, difference in verdicts), key=check.excess)
        deviation = f"{worst.worst:.2g} of {worst.allowed:.2g} allowed ({worst.figure})"
        source = str(check.content(path).get("source", "")).split(", float64")[0]
        rows.append((f"`{verdicts[0][0]}`", str(len(verdicts)), deviation, source))
    return table(("item", "cases", "worst difference", "compared with"), rows)


def _check() -> Any:
    if str(GOLDEN) not in sys.path:
        sys.path.insert(0, str(GOLDEN))
    return importlib.import_module("check")
