"""A launch ticket may hold anything: it starts one function, with a run and an attempt, and nothing else."""

from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Callback
from rq.serializers import JSONSerializer

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput
from trainer.agent import run_attempt
from trainer.checkpoints.storage import Place
from trainer.worker import Ticket

TRAVERSAL = ["../../../x", "/etc/x", "a/b", "..", "", "a\0", "a" * 101, 5, None, ["a"]]


def ticket(redis: Redis, name: str, args: tuple[Any, ...], **given: Any) -> Ticket:
    queue = Queue(keys.QUEUE, connection=redis, serializer=JSONSerializer)
    job = queue.enqueue_call(name, args=args, **given)
    return Ticket.fetch(job.id, redis, JSONSerializer)


def test_a_ticket_of_ours_names_the_agent(redis_client: Redis) -> None:
    assert ticket(redis_client, keys.JOB, ("0f3a", 1)).func is run_attempt


def test_no_callback_of_a_ticket_is_ever_imported(redis_client: Redis) -> None:
    names = {f"on_{when}": Callback("os.system") for when in ("success", "failure", "stopped")}
    job = ticket(redis_client, keys.JOB, ("0f3a", 1), **names)
    assert (job.success_callback, job.failure_callback, job.stopped_callback) == (None, None, None)


@pytest.mark.parametrize("name", ["os.system", "trainer.agent.spawn", "builtins.eval"])
def test_another_function_is_refused(redis_client: Redis, name: str) -> None:
    with pytest.raises(ValueError, match="launch tickets only"):
        _ = ticket(redis_client, name, ("true",)).func


@pytest.mark.parametrize("args", [(), ("a",), ("a", 0), ("a", "1"), ("a", 1, 2), (1, "a"), ({"a": 1}, 1)])
def test_other_arguments_are_refused(redis_client: Redis, args: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="names a run and an attempt"):
        _ = ticket(redis_client, keys.JOB, args).func


@pytest.mark.parametrize("run", TRAVERSAL)
def test_what_is_no_run_s_id_never_becomes_a_path(environment: Environment, run: Any) -> None:
    with pytest.raises(InvalidInput, match="ID of a run"):
        environment.log_of(run)
    with pytest.raises(InvalidInput, match="ID of a run"):
        Place.at("/nowhere").within(run)
