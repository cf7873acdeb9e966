"""A plug-in as a worker announces it."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from rhoscope.series import Series

PluginKind = Literal["training", "dataset", "encoder", "fusion", "strategy", "program"]


class Plugin(BaseModel):
    """One thing that can be chosen by name, or the training loop itself (kind `training`)."""

    kind: PluginKind
    name: str
    title: str
    help: str
    paper: str = Field(default="", description="publication and equation it implements")
    fidelity: str = Field(
        default="", description="how it compares with its authors' program, and by which check"
    )
    settings: dict[str, Any] = Field(default={}, description="JSON Schema of each setting, by name")
    series: list[Series] = []
    facts: dict[str, Any] = Field(
        default={},
        description="of a data set: modalities {name: {shape, encoder}} that it can have, varies (whether "
        "they depend on settings or files), classes, train_size (a number, or the name of the setting "
        "that gives it), incomplete (whether examples may lack a modality, or the name of the setting that "
        "says so)",
    )
    provides: list[str] = Field(
        default=[], description="capabilities that other plug-ins may require, such as 'additive'"
    )
    requires: list[str] = Field(
        default=[], description="capabilities that the other plug-ins of a run must provide"
    )
    error: str = Field(default="", description="why it is listed but can't be used")
