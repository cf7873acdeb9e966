"""Makes what the store wants true: tickets for what is queued, an end for what was stopped or died.

An engine (`backend.launching.engines`) only carries the launch tickets. Whether an attempt runs is said by
its lease (`rhoscope.lease`), what came of it by its stream, what is wanted by the run's state in the store.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from redis import Redis
from typing_extensions import override

from backend.launching import commands, resumptions
from backend.launching.engines import Engine, Ticket
from backend.launching.engines.engine import EngineAway, processes
from backend.launching.guests import LEASES, Guests
from backend.launching.line import Line
from backend.launching.rules import Rules
from backend.launching.workers import Workers
from backend.loops import Supervised
from backend.recording.fanout import Fanout
from backend.store import Store, events, orders, runs
from backend.store.queue import Waiting
from rhoscope import keys
from rhoscope.commands import Command
from rhoscope.errors import NotFound
from rhoscope.lease import LeaseState, held, look, want
from rhoscope.runs import Run
from rhoscope.states import ALIVE, RunState

PASS_S = (0.5, 3.0)
"""Pause between two passes, at least and at most: ten times what a pass over very many runs takes."""
GRACE_S = 30.0
"""Time a run has to stop or pause by itself before its lease is withdrawn."""
AFTER_RESTART_S = 5.0
"""Added to the lease's length: how long leases are not judged after Redis was away."""
_PARTS = ("the workers' catalogs", "the queue", "rules of sweeps", "orders", "guest runs")
_CATALOGS, _QUEUE, _RULES, _ORDERS, _GUESTS = _PARTS
_ENDS = {
    RunState.STOPPING: (RunState.STOPPED, "stop", "Stopped"),
    RunState.PAUSING: (RunState.PAUSED, "pause", ""),
}


class Launcher(Supervised):
    """A pass over all open runs twice a second, while there are any, and at once after `nudge`."""

    def __init__(self, redis: Redis, store: Store, fanout: Fanout, engine: Engine, lease_s: float) -> None:
        super().__init__("launcher", EngineAway)
        self._redis = redis
        self._store = store
        self._fanout = fanout
        self._lease_s = lease_s
        self._engine = engine
        self._workers = Workers(redis, store)
        self._guests = Guests(redis, store, fanout, LEASES * lease_s)
        self._rules = Rules(store, fanout)
        self._line = Line(redis, store)
        self._tickets: dict[str, float] = {}
        self._ordered: dict[str, float] = {}
        self._held: dict[str, str] = {}
        self._server = ("", 0)
        self._judge_after, self._calm = 0.0, False
        self._nudged = threading.Event()

    @override
    def turn(self) -> None:
        try:
            self.step()
        except Exception as error:
            if self.loop.is_away(error):
                self._judge_after = time.monotonic() + self._lease_s + AFTER_RESTART_S
                self._line.doubt()
            raise

    @override
    def rest(self, began: float, *, well: bool) -> None:
        took = time.monotonic() - began if well else 0.0
        self._nudged.wait(min(max(PASS_S[0], 10 * took), PASS_S[1]))
        self._nudged.clear()

    def nudge(self) -> None:
        """Make the next pass now."""
        self._nudged.set()

    @override
    def stop(self) -> None:
        """End after the present pass."""
        self._ending.set()
        self._nudged.set()
        super().stop()

    def step(self) -> None:
        """One pass. Raises: RedisError, EngineAway, OperationalError, when one of them is away."""
        with self.loop.apart(_CATALOGS):
            self._workers.note_catalogs()
        if self._calm and self._line.fresh and not self.loop.aside:
            return
        queued = self._line.read()
        with self._store.reading() as db:
            alive = runs.in_states(db, ALIVE)
        self._calm = not queued and not alive
        taken = [run for run in alive if run.spec.leased]
        with self.loop.apart(_GUESTS):
            self._guests.tend(run for run in alive if not run.spec.leased)
        open_ = {run.id for run in taken}
        self.loop.keep(lambda what: what in _PARTS or what in open_ or self._line.has(what))
        with self.loop.apart(_ORDERS):
            self._forward(open_)
        with self.loop.apart(_RULES):
            if self._rules.apply(taken):
                self.nudge()
        if not queued and not taken:
            return
        server = self._redis.info("server")
        self._server = (str(server["run_id"]), int(server["uptime_in_seconds"]))
        holding = held(self._redis, {run.id: run.attempt for run in taken})
        for run in taken:
            if self.loop.may(run.id):
                with self.loop.apart(run.id):
                    self._tend(run, held=run.id in holding)
        with self.loop.apart(_QUEUE):
            self._serve()

    def _tend(self, run: Run, *, held: bool) -> None:
        return self._end(run) if run.state in _ENDS else self._watch(run, held=held)

    def _serve(self) -> None:
        """Tickets for the first of the queue; what a worker took is noted."""
        self._tickets = {name: at for name, at in self._tickets.items() if self._line.holds(name)}
        lines = self._lines()
        waiting = self._withdraw_early(lines)
        first = {one.id for line in lines for one in line}
        for one in self._line.to_look_at(first, self._tickets.keys()):
            if _ticket(one) in waiting:
                self._tickets[_ticket(one)] = time.monotonic()
            elif self.loop.may(one.id):
                with self.loop.apart(one.id), suppress(NotFound):
                    self._start(one, may=one.id in first)

    def _lines(self) -> list[Sequence[Waiting]]:
        """The runs whose tickets may wait, of each line the first; all others can change their order."""
        apart = self._engine.by_program
        workers = Counter(worker.program if apart else "" for worker in self._workers.alive())
        lines = self._line.lines(apart=apart)
        return [line[: self._engine.places(workers[program])] for program, line in lines.items()]

    def _withdraw_early(self, lines: Sequence[Sequence[Waiting]]) -> set[str]:
        """Take tickets back that wait before their turn; those that stay. What a worker took it keeps."""
        tickets = self._engine.waiting()
        due = {_ticket(one) for line in lines for one in line}
        early = {ticket for ticket in tickets if ticket not in due and self._line.holds(ticket)}
        for turns in ([_ticket(one) for one in line] for line in lines):
            ordered = [ticket for ticket in turns if ticket in tickets]
            if [ticket for ticket in tickets if ticket in turns] != ordered:
                early |= set(ordered)
        for ticket in early & set(tickets):
            self._engine.withdraw(ticket)
            self._tickets.pop(ticket, None)
        return set(tickets) - early

    def _start(self, one: Waiting, *, may: bool) -> None:
        """A queued run whose ticket is not in the queue, for whatever reason; `may` it have one now."""
        state = look(self._redis, one.id, one.attempt)
        if state == LeaseState.UNTAKEN:
            since = self._tickets.get(_ticket(one))
            if may and (since is None or time.monotonic() - since > self._engine.patience_s):
                self._make_ticket(self._read(one.id))
            return
        run = self._read(one.id)
        if run.state != RunState.QUEUED or run.attempt != one.attempt:
            return  # it moved since the queue was read
        if state == LeaseState.HELD:
            self._note_held(run)
            self._move(run, RunState.STARTING, worker=self._owner(run))
        else:
            self._move(run, RunState.STARTING)

    def _read(self, run: str) -> Run:
        """Raises: NotFound; Corrupt, when its row does not fit."""
        with self._store.reading() as db:
            return runs.readable(db, run)

    def _make_ticket(self, run: Run) -> None:
        spec = run.spec.model_copy(update={"settings": run.settings, "name": run.name})
        self._redis.set(keys.spec(run.id), spec.model_dump_json())
        self._withdraw_orders(run.id)
        self._forward([run.id])
        resumptions.note(self._redis, self._store, run)
        want(self._redis, run.id, run.attempt)
        self._engine.submit(Ticket(run.id, run.attempt, processes(run), run.spec.program))
        self._tickets[_ticket(run)] = time.monotonic()

    def _forward(self, ids: Iterable[str]) -> None:
        """Orders that no checkpoint of these runs holds are in their streams, whatever Redis has lost."""
        with self._store.reading() as db:
            waiting = orders.waiting(db, list(ids))
        for run, each in waiting.items():
            commands.forward(self._redis, run, each)

    def _withdraw_orders(self, run: str) -> None:
        """An earlier attempt's stop or pause must not end this one; settings still to be changed stay."""
        with self._store.writing() as db:
            orders.withdraw(db, run)
        sent: Any = self._redis.xrange(keys.commands(run))
        for entry, fields in sent:
            command = Command.model_validate_json(fields[b"c"])
            if command.verb in ("stop", "pause") and command.step is None:
                self._redis.xdel(keys.commands(run), entry)

    def _watch(self, run: Run, *, held: bool) -> None:
        """A run that should be held by a worker; `held` as of a moment ago."""
        if not held and look(self._redis, run.id, run.attempt) != LeaseState.HELD:
            self._judge(run)
            return
        self._note_held(run)
        if not run.worker:
            self._move(run, run.state, worker=self._owner(run))

    def _end(self, run: Run) -> None:
        """A run to stop or pause: ask its worker, and after a while force it."""
        state = look(self._redis, run.id, run.attempt)
        if state == LeaseState.UNTAKEN:
            want(self._redis, run.id, 0)
            state = look(self._redis, run.id, run.attempt)
        if state != LeaseState.HELD:
            self._judge(run)
            return
        self._note_held(run)
        order = f"{(verb := _ENDS[run.state][1])}-{run.id}-{run.attempt}"
        if order not in self._ordered:
            command = {"id": order, "verb": verb, "time": time.time(), "who": run.reason[:200]}
            with self._store.writing() as db:
                orders.add(db, run.id, Command.model_validate(command))
            self._forward([run.id])
            self._ordered[order] = time.monotonic()
        if time.monotonic() - self._ordered[order] > GRACE_S:
            want(self._redis, run.id, 0)

    def _judge(self, run: Run) -> None:
        """No lease and, once its stream is in the store, no outcome: the attempt is over."""
        if run.state in _ENDS and look(self._redis, run.id, run.attempt) == LeaseState.UNTAKEN:
            self._engine.withdraw(_ticket(run))
        elif not self._may_judge(run) or not self._drained(run):
            return
        if run.state in _ENDS:
            end, _, word = _ENDS[run.state]
            self._move(run, end, f"{word} by {run.reason or 'a user'}." if word else "")
            return
        worker = f"worker {run.worker}" if run.worker else "its worker"
        reason = f"Lost contact with {worker} at step {run.step}."
        with self._store.writing() as db:
            runs.lose(db, run, events.cause(db, run.id, run.attempt) or reason)
        self._forget(run)
        self._fanout.touch(run.id)
        self.nudge()

    def _may_judge(self, run: Run) -> bool:
        """Whether Redis has been there long enough for a living worker to have renewed its lease.

        That is so when this server, since its start, has had the attempt's lease once.
        """
        if time.monotonic() < self._judge_after:
            return False
        server, up_s = self._server
        return self._held.get(_ticket(run)) == server or up_s > self._lease_s + AFTER_RESTART_S

    def _drained(self, run: Run) -> bool:
        """Whether the store holds everything the stream ever got."""
        if not self._redis.exists(keys.records(run.id)):
            return True
        last = self._redis.xinfo_stream(keys.records(run.id))["last-generated-id"].decode()
        attempt, _, seq = last.partition("-")
        with self._store.reading() as db:
            return runs.position(db, run.id) >= (int(attempt), int(seq))

    def _move(self, run: Run, to: RunState, reason: str = "", **changes: str) -> None:
        with self._store.writing() as db:
            runs.move(db, run, to, reason, **changes)
        self._fanout.touch(run.id)

    def _note_held(self, run: Run) -> None:
        self._held[_ticket(run)] = self._server[0]

    def _forget(self, run: Run) -> None:
        self._tickets.pop(_ticket(run), None)
        self._held.pop(_ticket(run), None)

    def _owner(self, run: Run) -> str:
        value = self._redis.get(keys.lease(run.id))
        return value.decode().partition(":")[2].partition("/")[0] if isinstance(value, bytes) else ""


def _ticket(run: Run | Waiting) -> str:
    return Ticket(run.id, run.attempt).name
