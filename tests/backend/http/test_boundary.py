"""What comes from outside is checked before any route: texts that nobody can hold are refused by name."""

from typing import Any

import httpx
import pytest
from served import Served

from rhoscope.texts import LONGEST, LONGEST_QUERY

HALF = r"\udfff"
NUL = r"\u0000"
LONG = "x" * (LONGEST + 1)
RUN = "runs/{run}"
BODIES = [
    ("POST", "runs", '{{"dataset": "folder", "settings": {{"folder": "{text}"}}}}', "folder"),
    ("POST", "runs", '{{"notes": "{text}"}}', "notes"),
    ("POST", "runs", '{{"tags": ["a", "{text}"]}}', "tags.1"),
    ("POST", "runs/check", '{{"encoders": {{"audio": "{text}"}}}}', "encoders.audio"),
    ("PATCH", RUN, '{{"name": "{text}"}}', "name"),
    ("PATCH", RUN, '{{"tags": ["{text}"]}}', "tags.0"),
    ("PATCH", f"{RUN}/settings", '{{"settings": {{"alpha": "{text}"}}}}', "alpha"),
    ("PATCH", f"{RUN}/settings", '{{"alpha": 0.1, "who": "{text}"}}', "who"),
    ("POST", f"{RUN}/fork", '{{"name": "{text}"}}', "name"),
    ("POST", "runs/bulk", '{{"runs": ["a"], "act": "tag", "add": ["{text}"]}}', "add.0"),
    ("POST", "runs/bulk", '{{"runs": ["{text}"], "act": "stop"}}', "runs.0"),
    ("POST", "sweeps", '{{"base": {{"notes": "{text}"}}}}', "base.notes"),
    ("POST", "sweeps/check", '{{"grid": {{"alpha": ["{text}"]}}}}', "grid.alpha.0"),
    ("POST", "alerts", '{{"condition": "nan", "series": "{text}"}}', "series"),
]
QUERIES = [
    ("runs", "q"),
    ("runs", "tag"),
    ("runs", "ids"),
    ("runs", "where"),
    ("runs/index", "by"),
    ("runs/sparks", "runs"),
    ("groups", "runs"),
    ("alerts/fired", "run"),
    ("report", "runs"),
    (f"{RUN}/series", "names"),
]


@pytest.fixture(scope="module")
def run(api: httpx.Client) -> str:
    return str(api.post("/runs", json={}).json()["id"])


def refusal(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 422, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 5000
    problem: dict[str, Any] = answer.json()
    return problem


@pytest.mark.parametrize(
    ("text", "says"), [(HALF, "Unicode"), (f"a{HALF}b", "Unicode"), (NUL, "NUL"), (LONG, "longer than")]
)
@pytest.mark.parametrize("case", BODIES)
def test_a_text_of_a_body_that_nobody_can_hold_is_refused_by_its_name(
    api: httpx.Client, run: str, case: tuple[str, str, str, str], text: str, says: str
) -> None:
    method, path, body, field = case
    content = body.format(text=text)
    answer = api.request(
        method, path.format(run=run), content=content, headers={"Content-Type": "application/json"}
    )
    errors = [e for e in refusal(answer)["errors"] if e["field"].endswith(field) and says in e["message"]]
    assert errors, answer.text[:500]
    assert api.get("/runs").status_code == 200


def test_half_a_character_as_bytes_is_refused_too(api: httpx.Client) -> None:
    answer = api.post(
        "/runs", content=b'{"name": "\xed\xbf\xbf"}', headers={"Content-Type": "application/json"}
    )
    refusal(answer)


@pytest.mark.parametrize("text", [HALF, NUL])
def test_the_name_of_a_field_is_a_text_as_well(api: httpx.Client, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/runs", "/runs/check", "/alerts", "/runs/bulk"):
        refusal(api.post(path, content=f'{{"{text}": 1}}', headers=headers))
        refusal(api.post(path, content=f'{{"settings": {{"{text}": 1}}}}', headers=headers))


@pytest.mark.parametrize(("path", "name"), QUERIES)
def test_a_parameter_of_an_address_is_a_text_as_well(
    api: httpx.Client, run: str, path: str, name: str
) -> None:
    for text, says in (("a\0", "NUL"), ("x" * (LONGEST_QUERY + 1), "longer than")):
        result = refusal(api.get(path.format(run=run), params={name: text}))
        assert any(e["field"] == name and says in e["message"] for e in result["errors"])


@pytest.mark.parametrize("path", ["runs/a%00", "runs/a%00/series", "sweeps/%00", "runs/%00/stop"])
def test_so_is_a_part_of_a_path(api: httpx.Client, path: str) -> None:
    method = "POST" if path.endswith("stop") else "GET"
    assert "NUL" in refusal(api.request(method, path))["detail"]


def test_letters_of_every_script_and_direction_are_welcome(api: httpx.Client) -> None:
    name = "größer 模态 \u202eمرحبا \U0001f600"
    made = api.post("/runs", json={"name": name, "notes": "a\tb\nc", "tags": ["ё"]})
    assert made.status_code == 201, made.text
    assert api.get(f"/runs/{made.json()['id']}").json()["name"] == name


def test_the_search_has_a_length_and_says_so(api: httpx.Client) -> None:
    """SQLite refuses long patterns: it once answered that the store does not answer."""
    assert api.get("/runs", params={"q": "a" * 200}).status_code == 200
    assert "q" in refusal(api.get("/runs", params={"q": "a" * 30_000}))["detail"]


def test_a_metric_is_kept_of_known_methods_and_routes_only(served: Served) -> None:
    """Each made-up method stayed in memory for good, before the token was asked for."""
    with httpx.Client(base_url=served.url) as client:
        for number in range(50):
            client.request(f"MADEUP{number}", f"/made/up/{number}")
            client.request(f"MADEUP{number}", "/api/v1/runs")
        text = client.get("/metrics").text
    assert "MADEUP" not in text
    assert "/made/up" not in text
    assert 'method="other"' in text
