"""The threads between a guest's journal and a server: one sends records, one fetches orders."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from rhoscope.errors import RhoscopeError
from rhoscope.guests import Numbered
from rhoscope.tracker.delivery import Delivery, Server, explained
from rhoscope.tracker.launched import Orders

TICK_S = 0.25
AGAIN_S = (0.5, 30.0)
"""First and longest pause after a failed exchange."""
WAIT_S = 10.0
"""How long the server may keep a question for orders."""
log = logging.getLogger("rhoscope.run")


class Warnings:
    """Each trouble is one line, once for as long as it lasts."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, text: str, about: str = "") -> None:
        """Warn about something, unless that was done."""
        if (about or text) not in self._said:
            self._said.add(about or text)
            log.warning("rhoscope: %s; training goes on.", text)

    def over(self, about: str) -> bool:
        """This trouble is over; whether it was there."""
        there = about in self._said
        self._said.discard(about)
        return there


class Link:
    """Runs until `close`. `tick` is called four times a second, whatever the server does."""

    def __init__(
        self,
        server: Server | None,
        delivery: Delivery | None,
        run: str,
        tick: Callable[[], None],
        warn: Warnings,
        mail: Orders | None = None,
    ) -> None:
        """`mail`: orders that come in a file, of a run that a worker started."""
        self._mail = mail
        self.orders: deque[Numbered] = deque()
        self._server, self._delivery, self._run = server, delivery, run
        self._tick, self._warn = tick, warn
        self._closing = threading.Event()
        self._due, self._pause = 0.0, 0.0
        self._after = 0
        self._sender = threading.Thread(target=self._send_on, name="rhoscope-sender", daemon=True)
        self._listener: threading.Thread | None = None

    @property
    def online(self) -> bool:
        """Whether there is a server to send to."""
        return self._delivery is not None

    def start(self) -> None:
        """Begin sending; listening begins once the server knows the run."""
        self._sender.start()

    def close(self, wait_s: float) -> bool:
        """Send what is left for at most so long; whether all was sent, or there is nowhere to send it to."""
        self._closing.set()
        self._sender.join(wait_s)
        return self._delivery is None or not (self._sender.is_alive() or self._delivery.unsent())

    def _send_on(self) -> None:
        while not self._closing.wait(TICK_S):
            self._tick()
            if self._mail:
                self.orders.extend(self._mail.read())
            if self._delivery and time.monotonic() >= self._due:
                self._send(self._delivery)
        if self._delivery:
            self._send(self._delivery)
        if self._server:
            self._server.close()

    def _send(self, delivery: Delivery) -> None:
        try:
            delivery.send()
        except (RhoscopeError, OSError) as error:
            url = self._server.url if self._server else ""
            words = explained(error, url) if isinstance(error, RhoscopeError) else str(error)
            self._warn(f"{words}; what is logged waits in a file and is sent later", "sending")
            self._pause = min(AGAIN_S[1], max(AGAIN_S[0], 2 * self._pause))
            self._due = time.monotonic() + self._pause
            return
        self._pause = 0.0
        if self._listener is None and not self._closing.is_set():
            self._listener = threading.Thread(target=self._listen, name="rhoscope-orders", daemon=True)
            self._listener.start()
        if self._warn.over("sending"):
            log.info("rhoscope: the server takes records again; nothing was lost.")

    def _listen(self) -> None:
        pause = AGAIN_S[0]
        server = self._server.twin() if self._server else None
        while server and not self._closing.is_set():
            try:
                fetched = server.commands(self._run, self._after, WAIT_S)
            except RhoscopeError:  # the sender says so
                self._closing.wait(pause)
                pause = min(AGAIN_S[1], 2 * pause)
                continue
            pause = AGAIN_S[0]
            for one in fetched.commands:
                self._after = one.number
                self.orders.append(one)
        if server:
            server.close()
