"""Reference pages written from the code: a page marks a place, and a function here fills it at build time.

A page writes `<!-- generated: NAME -->`; `PAGES` names the function. Nothing is written to disk, so a
reference page cannot go stale.
"""

from collections.abc import Callable

from generators import catalog, command_line, diagnoses, environment, fidelity, limits, performance, rest

PAGES: dict[str, Callable[[], str]] = {
    "command-line": command_line.page,
    "diagnoses": diagnoses.page,
    "encoders": lambda: catalog.plugins("encoder"),
    "environment": environment.page,
    "datasets": lambda: catalog.plugins("dataset"),
    "fidelity": fidelity.plugins,
    "fusions": lambda: catalog.plugins("fusion"),
    "golden": fidelity.golden,
    "limits": limits.page,
    "performance": performance.page,
    "rest": rest.page,
    "schemas": rest.schemas,
    "series": catalog.series,
    "strategies": lambda: catalog.plugins("strategy"),
    "training": lambda: catalog.plugins("training"),
}


def fill(text: str) -> str:
    """A page's Markdown with every mark replaced. Raises: KeyError, for a mark nobody fills."""
    before, mark, rest_of_page = text.partition("<!-- generated: ")
    if not mark:
        return text
    name, _, after = rest_of_page.partition(" -->")
    return before + PAGES[name]() + fill(after)
