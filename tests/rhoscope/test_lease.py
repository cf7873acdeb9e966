"""The lease, on a real server: one holder at a time, each attempt executed at most once."""

import time

from redis import Redis

from rhoscope.lease import Lease, LeaseState, look, want


def lease(redis: Redis, attempt: int, owner: str, ttl_s: float = 5.0) -> Lease:
    return Lease(redis, "r", attempt, owner, ttl_s)


def test_an_attempt_nobody_wants_is_not_taken(redis_client: Redis) -> None:
    assert not lease(redis_client, 1, "a").take()
    want(redis_client, "r", 2)
    assert not lease(redis_client, 1, "a").take()
    assert look(redis_client, "r", 2) is LeaseState.UNTAKEN


def test_two_agents_with_one_ticket_get_one_lease(redis_client: Redis) -> None:
    want(redis_client, "r", 1)
    first, second = lease(redis_client, 1, "a"), lease(redis_client, 1, "b")
    assert first.take()
    assert not second.take()
    assert first.renew()
    assert not second.renew()
    assert look(redis_client, "r", 1) is LeaseState.HELD


def test_an_attempt_is_never_executed_twice_even_after_it_gave_its_lease_back(redis_client: Redis) -> None:
    want(redis_client, "r", 1)
    first = lease(redis_client, 1, "a")
    assert first.take()
    first.release()
    assert look(redis_client, "r", 1) is LeaseState.GONE
    assert not lease(redis_client, 1, "b").take()


def test_a_zombie_loses_to_the_next_attempt(redis_client: Redis) -> None:
    want(redis_client, "r", 1)
    zombie = lease(redis_client, 1, "a", ttl_s=0.05)
    assert zombie.take()
    time.sleep(0.1)
    want(redis_client, "r", 2)
    assert lease(redis_client, 2, "b").take()
    assert not zombie.renew()
    zombie.release()
    assert look(redis_client, "r", 2) is LeaseState.HELD


def test_a_lease_that_ran_out_while_redis_was_away_comes_back_to_its_holder(redis_client: Redis) -> None:
    want(redis_client, "r", 1)
    mine = lease(redis_client, 1, "a", ttl_s=0.05)
    assert mine.take()
    time.sleep(0.1)
    assert look(redis_client, "r", 1) is LeaseState.GONE
    assert mine.renew()
    assert look(redis_client, "r", 1) is LeaseState.HELD


def test_a_run_that_is_no_longer_wanted_loses_its_lease_at_the_next_renewal(redis_client: Redis) -> None:
    want(redis_client, "r", 1)
    mine = lease(redis_client, 1, "a")
    assert mine.take()
    want(redis_client, "r", 0)
    assert not mine.renew()
