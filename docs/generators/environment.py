"""The environment variables, from the model that every program reads at start."""

from generators.markdown import code, table
from rhoscope.environment import Environment


def page() -> str:
    """One row per variable."""
    properties = Environment.model_json_schema()["properties"]
    rows = [
        (f"`RHOSCOPE_{name.upper()}`", code(part.get("default", "")), part.get("description", ""))
        for name, part in properties.items()
    ]
    return table(("variable", "default", "meaning"), rows)
