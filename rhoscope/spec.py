"""The specification of a run: which plug-ins, and one flat set of settings for all of them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from rhoscope.guests import WATCH, Guest
from rhoscope.json_values import plain
from rhoscope.keys import RUN_ID
from rhoscope.series import LAST_STEP

MOST_SETTINGS = 256
PLUGIN_FIELDS = ("dataset", "fusion", "strategy")
PROGRAM = r"[0-9a-zA-Z_.-]{1,50}"
"""What a program's name may be: it is part of the name of its queue."""


_Word = Annotated[str, Field(max_length=100)]


class Origin(BaseModel):
    """The checkpoint of another run that this one starts from."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(pattern=RUN_ID)
    step: int = Field(ge=0, le=LAST_STEP)
    checkpoint: str = Field(
        pattern=r"^(attempt-\d+-step-\d+-[0-9a-f]{64}\.pt|program-[0-9a-f]{64})$",
        description="its name among the run's checkpoints",
    )


class RunSpec(BaseModel):
    """A run to train. Settings of the training loop and of every chosen plug-in share one flat namespace.

    A setting may be given at the top level or inside `settings`:

    >>> RunSpec.model_validate({"strategy": "ogm", "alpha": 0.8}).settings
    {'alpha': 0.8}
    """

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="constants")

    name: str = Field(
        default="", max_length=200, description="shown in tables; generated from the settings if empty"
    )
    tags: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=50)
    notes: str = Field(default="", max_length=20_000)
    program: str = Field(
        default="",
        pattern=rf"^({PROGRAM})?$",
        description="program of a user's project that is run instead of rhoscope's own training; data set, "
        "fusion, strategy, and encoders do not apply then",
    )
    dataset: str = Field(default="av-digits", max_length=100)
    fusion: str = Field(default="concat", max_length=100)
    strategy: str = Field(default="ogm-ge", max_length=100)
    encoders: dict[_Word, _Word] = Field(
        default={},
        max_length=100,
        description="encoder by modality; the data set's default for other modalities",
    )
    settings: dict[str, JsonValue] = Field(
        default={}, max_length=MOST_SETTINGS, description="settings by name; defaults for all others"
    )
    origin: Origin | None = Field(
        default=None, description="the checkpoint a fork starts from; empty: start from the beginning"
    )
    guest: Guest | None = Field(
        default=None, description="of a run whose program is not ours; such a run can't be launched from here"
    )
    priority: int = Field(default=0, ge=-1000, le=1000, description="runs with a higher priority start first")
    max_attempts: int = Field(
        default=3, ge=1, le=100, description="maximum number of attempts if the run's process or worker dies"
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_settings(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        given = plain(given)
        fields = {k: v for k, v in given.items() if k in cls.model_fields}
        loose = {k: v for k, v in given.items() if k not in cls.model_fields}
        inner = fields.get("settings", {})
        if loose and isinstance(inner, dict):
            fields["settings"] = {**inner, **loose}
        if fields.get("program"):
            fields = {"dataset": fields["program"], "fusion": "", "strategy": WATCH, **fields}
        return fields

    @property
    def leased(self) -> bool:
        """Whether a worker of ours runs it and holds its lease: a network of ours, or a user's program."""
        return self.guest is None or bool(self.program)

    def title(self) -> str:
        """The given name, or one made of the settings that distinguish runs.

        >>> RunSpec(strategy="ogm-ge", settings={"alpha": 1.5, "seed": 0}).title()
        'ogm-ge alpha=1.5 seed=0'
        """
        if self.name:
            return self.name
        parts = [self.program or self.strategy]
        if self.fusion not in ("concat", ""):
            parts.append(self.fusion)
        parts += [f"{k}={v}" for k, v in self.settings.items() if k != "seed"]
        if "seed" in self.settings:
            parts.append(f"seed={self.settings['seed']}")
        return " ".join(parts)[:200]
