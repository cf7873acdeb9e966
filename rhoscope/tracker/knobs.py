"""Live settings of a program that is not ours."""

from typing import Any

from rhoscope.guests import read_live

_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


class Knob:
    """A value that is turned from the page while the program runs; calling it gives the present one.

    >>> lr = Knob("lr", 1e-3, ge=0, le=1)
    >>> lr()
    0.001
    """

    def __init__(
        self,
        name: str,
        default: Any,
        *,
        help: str = "",
        choices: tuple[Any, ...] = (),
        **limits: float,
    ) -> None:
        """Limits are `ge`, `gt`, `le` and `lt`. Raises: ValueError, TypeError, for what fits no setting."""
        if wrong := sorted(limits.keys() - _LIMITS.keys()):
            raise TypeError(f"a knob has no limit '{wrong[0]}'; expected {', '.join(_LIMITS)}")
        kind = type(default) if type(default) in _TYPES else float
        schema: dict[str, Any] = {"type": _TYPES[kind], "default": default, "live": True, "title": name}
        schema |= {_LIMITS[limit]: bound for limit, bound in limits.items()}
        schema |= {"description": help} if help else {}
        schema |= {"enum": list(choices)} if choices else {}
        if default is None:
            schema = {**schema, "anyOf": [{"type": "integer"}, {"type": "null"}]}
            del schema["type"]
        self.name, self.schema, self.value = name, schema, default
        read_live({name: schema}, {name: default})

    def __call__(self) -> Any:
        """The present value."""
        return self.value

    def turn(self, value: Any) -> Any:
        """Change it; the value before. Raises: InvalidInput, when it does not fit."""
        before, self.value = self.value, read_live({self.name: self.schema}, {self.name: value})[self.name]
        return before
