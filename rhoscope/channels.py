"""Channels: where messages about runs go besides the page, such as Slack, mail, or a program of one's own."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rhoscope.alerts import NO_NUL

Occasion = Literal["alert", "completed", "failed", "lost", "stopped"]
"""An alert that fires, or the state in which a run ends."""


def _once(occasions: list[Occasion]) -> list[Occasion]:
    return list(dict.fromkeys(occasions))


Occasions = Annotated[
    list[Occasion],
    Field(min_length=1, max_length=20, description="what messages are about"),
    AfterValidator(_once),
]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL)]
Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        pattern=NO_NUL,
        description="address of a service as Apprise reads it, such as `slack://TOKENS`, "
        "`mailtos://USER:PASSWORD@HOST?to=ADDRESS`, or `jsons://HOST/PATH` for a webhook",
    ),
]


class NewChannel(BaseModel):
    """A channel to be added. Its address often holds a password: no answer shows it whole."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    address: Address
    occasions: Occasions = ["alert", "failed", "lost"]


class ChannelEdit(BaseModel):
    """Changes to a channel; what is left out stays as it is. What happens meanwhile is not sent later."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    address: Address | None = None
    occasions: Occasions | None = None
    enabled: bool | None = None


class Channel(BaseModel):
    """A channel that is kept."""

    id: str
    name: str
    service: str = Field(description="the service behind the address, such as `Slack`")
    address: str = Field(description="the address with its secrets masked")
    occasions: list[Occasion]
    enabled: bool
    created: float = Field(description="Unix seconds")
    sent: float | None = Field(description="Unix seconds of the last message that the service took")
    problem: str = Field(description="why the last message was not taken; it is sent again. Empty: it was")
