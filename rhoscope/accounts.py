"""People who use one instrument, what each may do, and how they say who they are."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME = r"^[a-z0-9][a-z0-9._@-]*$"
TOKEN_PREFIX = "rho_"  # noqa: S105 -- how a personal token begins
SESSION_COOKIE = "rhoscope_session"
EXPOSED = "x-rhoscope-exposed"
"""Header of a page that other machines reach: the API then serves nobody whom it does not know."""

Name = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=NAME, description="lower-case letters, digits, and . _ @ -"),
]
Password = Annotated[str, Field(min_length=8, max_length=1000)]


class Role(StrEnum):
    """The rights of a user: each role includes the ones before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what `other` may.

        >>> Role.OPERATOR.includes(Role.VIEWER), Role.OPERATOR.includes(Role.ADMIN)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(other)


class User(BaseModel):
    """A person. A viewer reads; an operator also launches and steers; an admin also manages users."""

    name: str
    role: Role
    created: float = Field(description="Unix seconds")


class NewUser(BaseModel):
    """A user to be added."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    password: Password
    role: Role | None = Field(default=None, description="null: admin for the first user, operator for others")


class UserEdit(BaseModel):
    """Changes to a user; a new password ends the user's sessions."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    password: Password | None = None


class PasswordChange(BaseModel):
    """A user's own new password."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=1000)
    new: Password


class Login(BaseModel):
    """Either a name and a password, or the shared token of the instrument."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=64)
    password: str = Field(default="", max_length=1000)
    token: str = Field(default="", max_length=1000)


class Session(BaseModel):
    """The one who asks, and the ways to log in."""

    name: str = Field(description="the user's name; empty for nobody in particular")
    role: Role | None = Field(description="null: nobody we know, who has to log in")
    required: bool = Field(description="whether one has to log in")
    ways: list[str] = Field(description="what one can log in with: password, token")


class ApiToken(BaseModel):
    """A personal token for programs; it may do what its user may."""

    id: str
    user: str
    name: str
    created: float = Field(description="Unix seconds")
    seen: float | None = Field(description="Unix seconds of its last use, to the hour; null: never")


class NewToken(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, description="what it is for")
    user: str = Field(default="", max_length=64, description="whose it is; empty: one's own; others: admins")


class MadeToken(ApiToken):
    """A new token with its secret, which is shown only this once."""

    token: str
