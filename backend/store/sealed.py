"""Numbers in the store with a checksum, since no database keeps one of its own."""

from zlib import crc32

from sqlalchemy import LargeBinary, TypeDecorator
from sqlalchemy.engine import Dialect
from typing_extensions import override

from rhoscope.errors import Damaged

_SEAL = b"\x01"


class Sealed(TypeDecorator[bytes]):
    """Numbers of four or eight bytes each, with a checksum behind them.

    What an earlier version wrote has none, and is read as it is.
    """

    impl = LargeBinary
    cache_ok = True

    @override
    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value + _SEAL + crc32(value).to_bytes(4, "little")

    @override
    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Raises: Damaged, when these are not the bytes that were written."""
        if value is None or len(value) % 4 == 0:
            return value
        data, seal = bytes(value[:-5]), bytes(value[-5:])
        if seal != _SEAL + crc32(data).to_bytes(4, "little"):
            raise Damaged("The store is damaged: values of this run are not those that were recorded there.")
        return data
