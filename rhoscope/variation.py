"""A specification with other settings, as a point of a grid or a trial of a search has them."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from rhoscope.spec import PLUGIN_FIELDS, RunSpec
from rhoscope.validation import invalid


def varied(base: RunSpec, changes: Mapping[str, Any]) -> RunSpec:
    """The specification with these fields and settings changed. Raises: InvalidInput, for what does not fit.

    >>> varied(RunSpec(settings={"epochs": 2}), {"strategy": "ogm", "alpha": 0.8}).settings
    {'epochs': 2, 'alpha': 0.8}
    """
    fields = {name: value for name, value in changes.items() if name in RunSpec.model_fields}
    settings = {name: value for name, value in changes.items() if name not in RunSpec.model_fields}
    own = base.model_dump(exclude=set(PLUGIN_FIELDS) if "program" in fields else None)
    whole = own | fields
    whole["settings"] = {**base.settings, **settings}
    try:
        return RunSpec.model_validate(whole)
    except ValidationError as error:
        raise invalid(error) from error
