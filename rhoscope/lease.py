"""The right to train a run: a lease in Redis, taken at most once per attempt.

The attempt number comes from the back end's store and is the fencing epoch: stream ids and checkpoints carry
it, and a later one wins. An attempt that took its lease once can neither take it again after another did,
nor be executed twice.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from redis import Redis

from rhoscope import keys

TOGETHER = 500
"""Runs that Redis is asked about at once."""
_TAKE = """
local wanted = tonumber(redis.call('HGET', KEYS[1], 'wanted') or '0')
local taken = tonumber(redis.call('HGET', KEYS[1], 'taken') or '0')
local attempt = tonumber(ARGV[1])
if wanted ~= attempt or taken >= attempt or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
redis.call('HSET', KEYS[1], 'taken', ARGV[1])
return 1
"""

_RENEW = """
local mine = ARGV[1] .. ':' .. ARGV[2]
if redis.call('HGET', KEYS[1], 'wanted') ~= ARGV[1] then return 0 end
local held = redis.call('GET', KEYS[2])
if held and held ~= mine then return 0 end
if redis.call('HGET', KEYS[1], 'taken') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], mine, 'PX', ARGV[3])
return 1
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] .. ':' .. ARGV[2] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class LeaseState(StrEnum):
    """State of an attempt's lease, as seen by the back end."""

    UNTAKEN = "untaken"
    HELD = "held"
    GONE = "gone"


class Lease:
    """The lease of one attempt. `owner` is any text that no other process uses; `ttl_s` in seconds."""

    def __init__(self, redis: Redis, run: str, attempt: int, owner: str, ttl_s: float) -> None:
        self._keys = [keys.control(run), keys.lease(run)]
        self._args = [str(attempt), owner, str(int(ttl_s * 1000))]
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    def take(self) -> bool:
        """Whether this attempt is wanted, was never taken, and the lease is now ours."""
        return bool(self._take(keys=self._keys, args=self._args))

    def renew(self) -> bool:
        """Whether the lease is ours for another `ttl_s`: still held, or free and the attempt still wanted."""
        return bool(self._renew(keys=self._keys, args=self._args))

    def release(self) -> None:
        """Give the lease back, so that a next attempt need not wait for it to run out."""
        self._release(keys=self._keys[1:], args=self._args[:2])


def want(redis: Redis, run: str, attempt: int) -> None:
    """Let exactly this attempt take the lease from now on; 0 lets none."""
    redis.hset(keys.control(run), "wanted", str(attempt))


def look(redis: Redis, run: str, attempt: int) -> LeaseState:
    """Whether an attempt is still to be taken, holds its lease, or is over."""
    pipe = redis.pipeline(transaction=True)
    pipe.hget(keys.control(run), "taken")
    pipe.get(keys.lease(run))
    taken, held = pipe.execute()
    if _holds(held, attempt):
        return LeaseState.HELD
    return LeaseState.GONE if int(taken or 0) >= attempt else LeaseState.UNTAKEN


def held(redis: Redis, attempts: Mapping[str, int]) -> set[str]:
    """Those of these runs whose attempt holds its lease; asked for many at once."""
    runs = list(attempts)
    holding: set[str] = set()
    for start in range(0, len(runs), TOGETHER):
        some = runs[start : start + TOGETHER]
        leases: Any = redis.mget([keys.lease(run) for run in some])
        holding |= {run for run, lease in zip(some, leases, strict=True) if _holds(lease, attempts[run])}
    return holding


def _holds(lease: bytes | None, attempt: int) -> bool:
    return lease is not None and lease.decode().split(":")[0] == str(attempt)


def ever_wanted(redis: Redis, runs: Sequence[str]) -> list[str]:
    """Those of these runs of which any attempt was ever wanted; asked for many at once."""
    wanted: list[str] = []
    for start in range(0, len(runs), TOGETHER):
        some = runs[start : start + TOGETHER]
        if redis.exists(*(keys.control(run) for run in some)):
            pipe = redis.pipeline(transaction=False)
            for run in some:
                pipe.exists(keys.control(run))
            wanted += [run for run, there in zip(some, pipe.execute(), strict=True) if there]
    return wanted
