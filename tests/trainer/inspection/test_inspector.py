"""A worker answers what its data holds, whatever happens to the process that looks."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from folders import pets
from redis import Redis

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput
from rhoscope.inspection import Answer, Question
from rhoscope.local import embedded
from rhoscope.local.process import end
from trainer.inspection import inspector as module
from trainer.inspection.contents import answer, look
from trainer.inspection.inspector import Inspector


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    environment = Environment(data_dir=tmp_path_factory.mktemp("inspector"))
    server = embedded.start(environment)
    with Redis.from_url(environment.broker_url) as client:
        yield client
    end(server)


@pytest.fixture
def inspector() -> Iterator[Inspector]:
    made = Inspector(["w1", "w2"])
    yield made
    made.close()


def ask(redis: Redis, worker: str, id_: str, dataset: str, **settings: Any) -> None:
    question = Question(id=id_, dataset=dataset, settings=settings)
    redis.rpush(keys.questions(worker), question.model_dump_json())


def answered(redis: Redis, inspector: Inspector, id_: str) -> Answer:
    """Let the inspector take turns until it has answered."""
    for _ in range(600):
        inspector.turn(redis, 0.1)
        if item := redis.lpop(keys.answers(id_)):
            assert isinstance(item, bytes)
            return Answer.model_validate_json(item)
    raise TimeoutError(id_)


def process(inspector: Inspector) -> psutil.Process:
    assert inspector._looker is not None
    return psutil.Process(inspector._looker.process.pid)


def test_it_says_what_a_folder_has_and_what_is_wrong_with_another(
    redis: Redis, inspector: Inspector, tmp_path: Path
) -> None:
    ask(redis, "w1", "a", "folder", folder=str(pets(tmp_path)))
    ask(redis, "w2", "b", "folder", folder="/nowhere")
    ask(redis, "w2", "c", "synthetic", modalities=2)
    ask(redis, "w1", "d", "no-such-set")
    ask(redis, "w1", "e", "synthetic", modalities="many")
    contents = answered(redis, inspector, "a").contents
    assert contents is not None
    assert contents.modalities == {"audio": "convolutional", "visual": "convolutional"}
    assert (contents.classes, contents.train_size, contents.remarks) == (2, 10, [])
    refusal = answered(redis, inspector, "b").refusal()
    assert refusal is not None
    assert "there is no folder /nowhere where the worker looks" in refusal.detail
    assert refusal.errors[0].field == "folder"
    contents = answered(redis, inspector, "c").contents
    assert contents is not None
    assert list(contents.modalities) == ["fast", "slow"]
    for id_, says in (("d", "there is no dataset 'no-such-set'"), ("e", "modalities")):
        refusal = answered(redis, inspector, id_).refusal()
        assert refusal is not None
        assert says in refusal.detail


def test_answers_do_not_stay_for_ever(redis: Redis, inspector: Inspector) -> None:
    ask(redis, "w1", "f", "synthetic")
    for _ in range(600):
        inspector.turn(redis, 0.1)
        if redis.exists(keys.answers("f")):
            break
    assert 0 < int(redis.ttl(keys.answers("f"))) <= module.KEPT_S  # type: ignore[arg-type]


def test_a_process_that_dies_or_hangs_leaves_one_question_open_and_not_the_next(
    redis: Redis, inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(redis, "w1", "g", "synthetic")
    assert answered(redis, inspector, "g").contents
    process(inspector).suspend()
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)
    ask(redis, "w1", "h", "synthetic")
    unknown = answered(redis, inspector, "h")
    assert (unknown.contents, unknown.problem) == (None, None)
    monkeypatch.setattr(module, "PATIENCE_S", 60)
    ask(redis, "w1", "i", "synthetic")
    assert answered(redis, inspector, "i").contents
    process(inspector).kill()
    ask(redis, "w1", "j", "synthetic")
    ask(redis, "w1", "k", "synthetic")
    answered(redis, inspector, "j")
    assert answered(redis, inspector, "k").contents


def test_nonsense_in_the_list_is_dropped(redis: Redis, inspector: Inspector) -> None:
    redis.rpush(keys.questions("w1"), b"\xff", "{}", "[]")
    ask(redis, "w1", "l", "synthetic")
    assert answered(redis, inspector, "l").contents


def test_a_worker_that_is_not_asked_stays_small(
    redis: Redis, inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspector.turn(redis, 0.01)
    assert inspector._looker is None
    ask(redis, "w1", "m", "synthetic")
    assert answered(redis, inspector, "m").contents
    looks = process(inspector)
    monkeypatch.setattr(module, "IDLE_S", 0.0)
    inspector.turn(redis, 0.01)
    assert inspector._looker is None
    assert not looks.is_running() or looks.status() == psutil.STATUS_ZOMBIE


def test_it_ends_with_whoever_asked(redis: Redis) -> None:
    made = Inspector(["w1"])
    ask(redis, "w1", "n", "synthetic")
    assert answered(redis, made, "n").contents
    looks = process(made)
    assert made._looker is not None
    made._looker.questions.close()  # as the kernel does when the worker is killed
    until = time.monotonic() + 20
    while looks.is_running() and looks.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.05)
    assert not looks.is_running() or looks.status() == psutil.STATUS_ZOMBIE
    made.close()


def test_a_data_set_whose_code_fails_is_no_answer_and_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(dataset: str, settings: dict[str, object]) -> None:
        raise ZeroDivisionError(dataset, settings)

    monkeypatch.setattr("trainer.inspection.contents.look", broken)
    result = answer(Question(id="o", dataset="synthetic"))
    assert (result.contents, result.problem) == (None, None)


def test_looking_reads_files_and_refuses_what_a_run_would_refuse(tmp_path: Path) -> None:
    assert look("folder", {"folder": str(pets(tmp_path))}).train_size == 10
    for path in tmp_path.rglob("*.*"):
        path.write_bytes(b"")
    with pytest.raises(InvalidInput, match="unreadable: file of zero length"):
        look("folder", {"folder": str(tmp_path)})
