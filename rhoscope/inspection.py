"""Questions of the API to a worker about data that only workers can open, and the answers."""

from typing import Any

from pydantic import BaseModel, Field

from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput, Problem


class Question(BaseModel):
    """Asks what a data set holds with these settings."""

    id: str
    dataset: str
    settings: dict[str, Any] = Field(default={}, description="the data set's own; defaults where not named")


class Answer(BaseModel):
    """The contents, or the reason why they can't be trained on; neither when the worker couldn't look."""

    question: str
    contents: Contents | None = None
    problem: Problem | None = None

    def refusal(self) -> InvalidInput | None:
        """The problem as an error, if there is one."""
        return InvalidInput(self.problem.detail, self.problem.errors) if self.problem else None
