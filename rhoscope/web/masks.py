"""Addresses as they may be shown and logged: without the passwords in them, also where they are malformed."""

import re

_HIDDEN = "***"
_NAMED = re.compile(r"(?i)((?:password|passwd|pwd|secret|token|key)=)[^&\s]*")
_HOST_AND_PORT = re.compile(r"^(\[[^]]*\]|[^:/?#\[]*):([^/?#,]*)")


def masked(address: str) -> str:
    """An address with everything hidden that is or could be a password.

    >>> masked("redis://me:pass@word@host:6379/0"), masked("postgresql://host/x?password=secret")
    ('redis://me:***@host:6379/0', 'postgresql://host/x?password=***')
    >>> masked("redis:me:secret@host"), masked("redis://me:secret/0"), masked("redis://host:6379")
    ('***@host', 'redis://me:***/0', 'redis://host:6379')
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    user, at, place = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    known = f"{name}:{_HIDDEN}" if colon else name
    known = (known if separator else _HIDDEN) + at if at else ""
    return _NAMED.sub(rf"\1{_HIDDEN}", scheme + separator + known + _HOST_AND_PORT.sub(_port, place))


def _port(match: re.Match[str]) -> str:
    """A port is shown; what stands in its place and is none may be a password without its host."""
    host, port = match.groups()
    return f"{host}:{port if port.isdecimal() and len(port) <= 5 and host else _HIDDEN}"
