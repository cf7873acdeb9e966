"""Settings written as `name=value`: texts until their declared type says what they are."""

from rhoscope.errors import InvalidInput
from rhoscope.literals import unquoted


def assignments(given: list[str]) -> dict[str, str]:
    """`["alpha=0.3", "seed=1"]` as texts by name; quotation marks around a whole value are taken off.

    >>> assignments(["alpha=0.3", "name=007", "notes=see: https://x", "folder='a b'"])
    {'alpha': '0.3', 'name': '007', 'notes': 'see: https://x', 'folder': 'a b'}

    Raises:
        InvalidInput: where there is no `=`, or a name is given twice.
    """
    values: dict[str, str] = {}
    for name, equals, text in (one.partition("=") for one in given):
        if not equals or not name:
            raise InvalidInput(f"'{name}' is not of the form setting=value, as in alpha=0.3.")
        if name in values and values[name] != unquoted(text):
            raise InvalidInput(f"'{name}' is given twice: {values[name]} and {text}. Give it once.")
        values[name] = unquoted(text)
    return values
