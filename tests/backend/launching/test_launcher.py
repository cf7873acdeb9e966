"""The queue: who comes first, and which worker takes part."""

import httpx
from instrument import wait_for
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from rhoscope import keys


def test_a_higher_priority_comes_first_and_can_be_changed_while_it_waits(
    api: httpx.Client, broker: Redis
) -> None:
    """One worker is pretended, so two tickets wait: the next one and one to spare."""
    queue = Queue(keys.QUEUE, connection=broker, serializer=JSONSerializer)
    made = [api.post("/runs", json={"priority": p}).json()["id"] for p in (0, 0, 5, -1)]

    def waiting(*runs: str) -> bool:
        return queue.job_ids == [f"{run}-1" for run in runs]

    wait_for(lambda: waiting(made[2], made[0]), 10, "the order by priority")
    assert api.patch(f"/runs/{made[3]}", json={"priority": 9}).json()["priority"] == 9
    wait_for(lambda: waiting(made[3], made[2]), 10, "the changed order")
    api.post(f"/runs/{made[3]}/stop")
    wait_for(lambda: waiting(made[2], made[0]), 10, "the order without the stopped one")
    assert api.patch(f"/runs/{made[1]}", json={"priority": 5000}).status_code == 422


def test_a_worker_can_be_told_to_drain(api: httpx.Client, broker: Redis) -> None:
    assert api.patch("/workers/pretended", json={"draining": True}).json()["draining"] is True
    assert broker.exists(keys.worker_drain("pretended"))
    api.patch("/workers/pretended", json={"draining": False})
    assert not broker.exists(keys.worker_drain("pretended"))
    assert api.patch("/workers/nobody", json={"draining": True}).status_code == 404
