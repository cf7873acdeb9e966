"""The launch form from its page's address, as `dashboard/page/pages/launch/address.js` writes it."""

import re
from urllib.parse import parse_qs, unquote

from dashboard import values
from rhoscope.client import Client
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

SEVERAL = re.compile(r"[\d.+-][\d.eE+\-–]*(_[\d.eE+\-–]+)+", re.ASCII)
"""Several numbers in an address: 0.1_0.8, 0-4_7."""


def prefilled(client: Client, search: str) -> tuple[dict[str, str], str]:
    """A form's text from its page's address, and what to say about it: `?from=RUN`, `?set=alpha:0.3,seed:1`.

    Raises:
        NotFound: when there is no such run.

    >>> prefilled(Client(), "?set=strategy:ogm,alpha:0.1_0.8")
    ({'strategy': 'ogm', 'alpha': '0.1, 0.8'}, '')
    """
    given = parse_qs(search.removeprefix("?"))
    typed, note = dict[str, str](), ""
    if source := given.get("from", [""])[0]:
        run = client.run(source)
        typed, note = text_of(run.spec), f"Filled in from run {run.name}."
        if run.spec.origin:
            step = f"{run.spec.origin.step:,}"
            note += f" That run continued from step {step} of another; this one starts from scratch."
    for pair in given.get("set", [""])[0].split(","):
        name, colon, text = pair.partition(":")
        if colon:
            several = SEVERAL.fullmatch(text)
            typed[unquote(name)] = text.replace("_", ", ") if several else unquote(text)
    return typed, note


def text_of(spec: RunSpec) -> dict[str, str]:
    """A specification as text in the form's fields."""
    fields = ("program",) if spec.program else PLUGIN_FIELDS
    typed = {field: str(getattr(spec, field)) for field in fields}
    typed |= {f"encoders.{modality}": name for modality, name in spec.encoders.items()}
    return typed | {name: values.show(value) for name, value in spec.settings.items()}
