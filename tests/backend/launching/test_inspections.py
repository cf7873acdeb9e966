"""The API asks workers about data it can't see; whatever they answer, a launch is answered in time."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from redis import Redis
from served import Served

from backend.launching import inspections
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput
from rhoscope.inspection import Answer, Question
from rhoscope.runs import WorkerStatus

SPEC = {"dataset": "folder", "folder": "/data/pets", "batch_size": 4}
PETS = Contents(modalities={"audio": "convolutional", "visual": "convolutional"}, classes=2, train_size=10)
NOWHERE = InvalidInput.field("folder", "there is no folder", "/data/pets")
Answers = Callable[[Question], str | None]


def has_pets(question: Question) -> str:
    return Answer(question=question.id, contents=PETS).model_dump_json()


def has_nothing(question: Question) -> str:
    return Answer(question=question.id, problem=NOWHERE.problem()).model_dump_json()


def does_not_know(question: Question) -> str:
    return Answer(question=question.id).model_dump_json()


def talks_nonsense(question: Question) -> str:
    return f"{{{question.id}"


def is_silent(_question: Question) -> None:
    return None


@contextmanager
def workers(redis: Redis, catalog: Catalog, *answers: Answers) -> Iterator[list[Question]]:
    """Workers of as many hosts that answer so; the questions that came."""
    request: list[Question] = []
    ended = threading.Event()
    names = [f"asked-{number}" for number in range(len(answers))]

    def run() -> None:
        while not ended.is_set():
            for name, reply in zip(names, answers, strict=True):
                item: Any = redis.lpop(keys.questions(name))
                if item:
                    request.append(Question.model_validate_json(item))
                    if (text := reply(request[-1])) is not None:
                        redis.rpush(keys.answers(request[-1].id), text)
            time.sleep(0.01)

    now = time.time()
    for number, name in enumerate(names):
        status = WorkerStatus(
            name=name,
            host=f"host-{number}",
            pid=1,
            device="cpu",
            catalog=catalog.digest(),
            started=now,
            seen=now,
            inspects=True,
        )
        redis.set(keys.worker(name), status.model_dump_json())
        redis.sadd(keys.WORKERS, name)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield request
    finally:
        ended.set()
        thread.join()
        redis.srem(keys.WORKERS, *names)
        redis.delete(*map(keys.worker, names), *map(keys.questions, names))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspections, "PATIENCE_S", 1.0)


def test_a_run_has_the_settings_of_what_a_worker_says_is_there(
    api: httpx.Client, broker: Redis, catalog: Catalog
) -> None:
    with workers(broker, catalog, has_pets):
        run = api.post("/runs", json=SPEC).raise_for_status().json()
        assert "hidden" not in run["settings"]
        refused = api.post("/runs", json=SPEC | {"hidden": 8})
        assert refused.status_code == 422
        assert "no text is trained on" in refused.json()["detail"]
        contents = api.post("/runs/check", json=SPEC).raise_for_status().json()["contents"]
        assert contents == PETS.model_dump()


@pytest.mark.parametrize("reply", [is_silent, does_not_know, talks_nonsense])
def test_where_nobody_can_say_a_launch_is_kept_and_adds_nothing_unsure(
    api: httpx.Client, broker: Redis, catalog: Catalog, reply: Answers
) -> None:
    with workers(broker, catalog, reply):
        run = api.post("/runs", json=SPEC)
        settings = run.raise_for_status().json()["settings"]
        assert "hidden" not in settings
        assert api.post("/runs", json=SPEC | {"hidden": 8}).status_code == 201
        assert api.post("/runs/check", json=SPEC).json()["contents"] is None


def test_with_no_worker_that_answers_questions_nobody_waits_for_one(api: httpx.Client) -> None:
    assert api.post("/runs", json=SPEC).status_code == 201


def test_one_worker_that_sees_the_folder_is_enough(
    api: httpx.Client, broker: Redis, catalog: Catalog
) -> None:
    with workers(broker, catalog, has_nothing, has_pets):
        assert api.post("/runs", json=SPEC).status_code == 201
    with workers(broker, catalog, has_nothing, has_nothing):
        refused = api.post("/runs", json=SPEC)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "folder")
        assert api.post("/runs/check", json=SPEC).json()["errors"] == refused.json()["errors"]
        swept = api.post("/sweeps", json={"base": SPEC, "seeds": [0, 1]})
        assert swept.json()["errors"] == refused.json()["errors"]
    with workers(broker, catalog, has_nothing, is_silent):
        assert api.post("/runs", json=SPEC).status_code == 422


def test_a_sweep_asks_once_about_the_same_data(api: httpx.Client, broker: Redis, catalog: Catalog) -> None:
    with workers(broker, catalog, has_pets) as request:
        base = {"base": SPEC, "grid": {"alpha": [0.1, 0.2, 0.3]}, "seeds": [0, 1, 2]}
        assert len(api.post("/sweeps", json=base).raise_for_status().json()["runs"]) == 9
        assert len(request) == 1
        assert request[0].settings == {"folder": "/data/pets"}
        many = {"base": SPEC, "grid": {"folder": [f"/data/{n}" for n in range(40)]}}
        assert api.post("/sweeps/check", json=many).status_code == 200
        assert len(request) == 1 + inspections.MOST_QUESTIONS


def test_data_that_nobody_looks_at_is_waited_for_once_and_not_for_each_run(
    api: httpx.Client, broker: Redis, catalog: Catalog
) -> None:
    with workers(broker, catalog, is_silent) as request:
        many = {"base": SPEC, "grid": {"folder": [f"/silent/{n}" for n in range(15)]}}
        assert api.post("/sweeps/check", json=many).status_code == 200
        assert len(request) == 1


@pytest.mark.parametrize("depth", [20, 100, 300, 700, 5000])
def test_nested_lists_are_refused_at_any_depth(api: httpx.Client, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    headers = {"Content-Type": "application/json"}
    bodies = [
        ("/runs", f'{{"settings": {{"alpha": {nested}}}}}'),
        ("/runs/check", f'{{"name": {nested}}}'),
        ("/runs", '{"a":' * depth + "1" + "}" * depth),
        ("/sweeps", f'{{"grid": {{"alpha": {nested}}}}}'),
        ("/sweeps/check", f'{{"points": [{{"alpha": {nested}}}]}}'),
    ]
    for path, body in bodies:
        answer = api.post(path, content=body, headers=headers)
        assert answer.status_code == 422, (path, answer.text[:300])
        assert len(answer.text) < 5000


@pytest.mark.parametrize("text", [r"\ud800", r"a\udfffb"])
def test_a_text_that_is_no_unicode_is_refused(api: httpx.Client, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    bodies = [
        ("/runs", f'{{"name": "{text}"}}'),
        ("/runs/check", f'{{"dataset": "folder", "folder": "{text}"}}'),
        ("/runs", f'{{"{text}": 1}}'),
        ("/runs/check", f'{{"encoders": {{"{text}": "mlp"}}}}'),
        ("/sweeps", f'{{"grid": {{"alpha": ["{text}"]}}}}'),
        ("/sweeps/check", f'{{"points": [{{"{text}": 1}}]}}'),
        ("/sweeps", f'{{"base": {{"notes": "{text}"}}}}'),
        ("/sweeps", f'{{"name": "{text}"}}'),
    ]
    for path, body in bodies:
        answer = api.post(path, content=body, headers=headers)
        assert answer.status_code == 422, (path, body, answer.text[:300])
        answer.text.encode()


def test_a_repeat_of_what_was_launched_is_answered_though_the_folder_is_gone(
    api: httpx.Client, broker: Redis, catalog: Catalog
) -> None:
    headers = {"Idempotency-Key": "the-folder-goes"}
    with workers(broker, catalog, has_pets):
        first = api.post("/runs", json=SPEC, headers=headers).raise_for_status().json()
    with workers(broker, catalog, has_nothing):
        again = api.post("/runs", json=SPEC, headers=headers)
        assert (again.status_code, again.json()["id"]) == (200, first["id"])


def test_questions_nobody_took_do_not_stay(
    api: httpx.Client, broker: Redis, catalog: Catalog, served: Served
) -> None:
    assert served.url
    with workers(broker, catalog, is_silent):
        api.post("/runs/check", json=SPEC)
    left = [key for key in broker.scan_iter("rhoscope:*questions*") if broker.ttl(key) == -1]
    assert left == []


@pytest.mark.parametrize(
    "number", ["Infinity", "-Infinity", "NaN", "1e999", "-1e999", "1" + "0" * 30, "9" * 5000]
)
@pytest.mark.parametrize("name", ["alpha", "epochs", "validate_every", "unknown", "only"])
def test_numbers_beyond_all_limits_are_refused_and_never_an_error_of_ours(
    api: httpx.Client, name: str, number: str
) -> None:
    headers = {"Content-Type": "application/json"}
    settings = f'{{"{name}": {number}}}'
    bodies = {
        "/runs": f'{{"settings": {settings}}}',
        "/runs/check": settings,
        "/sweeps": f'{{"grid": {{"{name}": [{number}]}}}}',
        "/sweeps/check": f'{{"base": {{"settings": {settings}}}}}',
    }
    for path, body in bodies.items():
        answer = api.post(path, content=body, headers=headers)
        assert answer.status_code == 422, (path, answer.text[:300])
        assert len(answer.text) < 5000
        json.loads(answer.text)
