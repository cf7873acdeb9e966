"""Failed exchanges with the API as errors."""

import httpx

from rhoscope.errors import BY_STATUS, FieldError, RhoscopeError, Unavailable, Unsure

_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def refusal(response: httpx.Response) -> RhoscopeError:
    """The error that an answer stands for."""
    kind = BY_STATUS.get(response.status_code, RhoscopeError)
    try:
        body = response.json()
        kind = Unsure if body.get("type") == f"urn:rhoscope:error:{Unsure.__name__}" else kind
        return kind(str(body["detail"]), [FieldError.model_validate(e) for e in body.get("errors", [])])
    except (AttributeError, ValueError, KeyError, TypeError):
        return kind(f"The API answered {response.status_code} without a reason.")


def silence(url: str, error: httpx.HTTPError, order: str) -> Unavailable:
    """No answer came; `order` is the id of what was sent, empty for a question.

    >>> silence("http://lab:8000", httpx.ReadTimeout("timed out"), "k1").detail.rpartition("; ")[2]
    "ask again with the same Idempotency-Key 'k1'."
    """
    reason = f"The rhoscope API at {url} is not responding ({str(error) or type(error).__name__})."
    if order and not isinstance(error, _BEFORE_SENDING):
        return Unsure.of(reason, order)
    return Unavailable(f"{reason} Start it with `rhoscope up`, or set RHOSCOPE_API_URL to where it runs.")
