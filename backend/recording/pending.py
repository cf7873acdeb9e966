"""Data of one run not yet sent on one live connection: in order, bounded, thinned when it is slow."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.store import downsample, seams
from backend.store.events import HEAVY
from backend.store.stream import Stored
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


def items_of(stored: Sequence[Stored], *, blocks: bool) -> list[Item]:
    """Items of what was stored of a run, perhaps without its blocks."""
    items = []
    for entry in stored:
        content = entry.entry.content
        block = content if isinstance(content, Block) else None
        table = isinstance(content, Event) and content.kind in HEAVY
        if blocks or not block:
            items.append(Item(entry.entry.position, entry.entry.data, block, entry.event, table))
    return items


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
    blocks: list[Block] = []
    for item in items:
        if item.block and blocks and seams.follows(blocks[-1], item.block):
            blocks.append(item.block)
            merged[-1] = item
            continue
        _close(merged, blocks)
        blocks = [item.block] if item.block else []
        merged.append(item)
    _close(merged, blocks)
    return merged


def _close(merged: list[Item], blocks: list[Block]) -> None:
    """Let the last item stand for all of these blocks, of which it is the last."""
    if len(blocks) > 1:
        merged[-1] = Item(merged[-1].position, b"", seams.join(blocks))


def _thinned(item: Item) -> Item:
    if item.block is None or item.block.header.n <= downsample.SMALLEST:
        return item
    positions = downsample.rows(item.block.values, MOST_ROWS // 2)
    if len(positions) == item.block.header.n:
        positions = positions[::2]
    return Item(item.position, b"", item.block.rows(positions, thinned=True))
