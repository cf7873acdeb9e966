"""Answers that routes give, and the key that makes a repeated request harmless."""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key", max_length=200, description="id of the order; makes it safe to repeat it"
    ),
]


def json_answer(model: BaseModel, status: int = 200) -> Response:
    """A model as a JSON response; non-finite numbers as texts."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def text_answer(text: str, status: int = 200) -> Response:
    """An answer that is JSON already."""
    return Response(text, status, media_type="application/json")


def list_answer(models: Sequence[BaseModel]) -> Response:
    """Models as a JSON list."""
    text = ",".join(model.model_dump_json() for model in models)
    return Response(f"[{text}]", media_type="application/json")


def digest(body: BaseModel) -> str:
    """A name for exactly this request, in whatever order its fields came."""
    text = json.dumps([type(body).__name__, body.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
