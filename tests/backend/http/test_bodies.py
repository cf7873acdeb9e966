"""Bodies and names that can't be understood: why is said."""

import gzip

import httpx
import pytest

JSON = "application/json"
OBJECT = "body: expected a JSON object, sent as Content-Type: application/json"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b'{"name": "caf\xe9"}', JSON, "no text in UTF-8 (byte 0xe9 at 13)"),
        (gzip.compress(b"{}", mtime=0), JSON, "not compressed"),
        (b"[" * 100_000, JSON, "nested too deeply"),
        (b'{"epochs": ' + b"9" * 5000 + b"}", JSON, "too many digits"),
        (b"[]", JSON, OBJECT),
        (b"<run/>", "text/xml", OBJECT),
        (b"epochs=1", "application/x-www-form-urlencoded", OBJECT),
    ],
)
def test_a_body_that_is_no_json_is_told_why(api: httpx.Client, body: bytes, kind: str, words: str) -> None:
    answer = api.post("/runs", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_groups_by_a_name_that_no_run_has_are_refused(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    refused = api.get("/groups", params={"runs": run, "by": "alpah"})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "by: none of the runs has 'alpah'; is it 'alpha'?",
    )
    assert api.get("/groups", params={"runs": run, "by": "alpha"}).status_code == 200
