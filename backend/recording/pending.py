"""Data of one run not yet sent on one live connection: in order, bounded, thinned when it is slow."""

from dataclasses import dataclass

import numpy as np

from backend.store import downsample
from rhoscope.records import Block, Event

MOST_ROWS = 4096
"""Rows that wait for one connection, before they are thinned to a half."""
MOST_EVENTS = 2000
MOST_BYTES = 32 * 2**20
"""What is kept for a connection that is still reading what it lacked."""


@dataclass(frozen=True)
class Item:
    """A stored block, or an event with its number in the store."""

    position: tuple[int, int]
    data: bytes
    block: Block | None = None
    event: int = 0
    table: bool = False


class Pending:
    """Holds everything until `begin` says what the connection has from the store already."""

    def __init__(self, names: frozenset[str] | None) -> None:
        self._names = names
        self._items: list[Item] = []
        self._begun = False
        self.overflown = False

    def add(self, items: list[Item]) -> None:
        """Append what was recorded."""
        if self.overflown:
            return  # a new connection has to catch up; nothing more is kept for this one
        self._items += items
        if self._begun:
            self._bound()
        elif sum(len(item.data) for item in self._items) > MOST_BYTES:
            self._items, self.overflown = [], True

    def begin(self, position: tuple[int, int], event: int) -> None:
        """Drop blocks up to this stream position and events up to this number: the store gave them."""
        self._items = [i for i in self._items if (i.position > position if i.block else i.event > event)]
        self._begun = True

    def take(self) -> list[bytes | str]:
        """Everything as messages, adjacent blocks as one; nothing before `begin`."""
        if not self._begun:
            return []
        items, self._items = _merged(self._items), []
        messages = (event_message(i.data) if i.block is None else self._encode(i, i.block) for i in items)
        return [message for message in messages if message]

    def _encode(self, item: Item, block: Block) -> bytes:
        if self._names is None or self._names.issuperset(block.header.names):
            return item.data or block.encode()
        part = block.select(list(self._names))
        return part.encode() if part else b""

    def _bound(self) -> None:
        waiting = sum(item.block.header.n for item in self._items if item.block)
        if waiting > MOST_ROWS:
            self._items = [_thinned(item) for item in _merged(self._items)]
            waiting = sum(item.block.header.n for item in self._items if item.block)
        events = sum(item.block is None for item in self._items)
        self.overflown = events > MOST_EVENTS or waiting > 2 * MOST_ROWS


def event_message(event: bytes) -> str:
    """An encoded event as a message."""
    return f'{{"type":"event","event":{event.decode()}}}'


def stored_message(event: Event) -> str:
    """An event from the store as a message."""
    return event_message(event.encode())


def _merged(items: list[Item]) -> list[Item]:
    merged: list[Item] = []
    for item in items:
        if merged and _continues(merged[-1].block, item.block):
            merged[-1] = _joined(merged[-1], item)
        else:
            merged.append(item)
    return merged


def _continues(before: Block | None, block: Block | None) -> bool:
    if before is None or block is None:
        return False
    same = all(
        getattr(before.header, name) == getattr(block.header, name) for name in ("attempt", "names", "wide")
    )
    return same and int(before.steps[-1]) < int(block.steps[0])


def _joined(before: Item, item: Item) -> Item:
    if before.block is None or item.block is None:
        return item
    first, second = before.block, item.block
    header = first.header.model_copy(
        update={
            "n": first.header.n + second.header.n,
            "times": (first.header.times[0], second.header.times[1]),
            "thinned": first.header.thinned or second.header.thinned,
        }
    )
    steps = np.concatenate([first.steps, second.steps])
    values = np.concatenate([first.values, second.values], axis=1)
    return Item(item.position, b"", Block(header, steps, values))


def _thinned(item: Item) -> Item:
    if item.block is None or item.block.header.n <= downsample.SMALLEST:
        return item
    positions = downsample.rows(item.block.values, MOST_ROWS // 2)
    if len(positions) == item.block.header.n:
        positions = positions[::2]
    return Item(item.position, b"", item.block.rows(positions, thinned=True))
