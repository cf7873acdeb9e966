"""The services messages can be sent to, through Apprise."""

import logging
import threading
from collections.abc import Iterable
from typing import Any

import apprise
from apprise.utils.parse import parse_qsd

from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.texts import visible

SCHEMES = (
    *("json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos", "slack", "discord", "workflows"),
    *("gchat", "mmost", "mmosts", "rocket", "rockets", "matrix", "matrixs", "zulip", "wxteams", "tgram"),
    *("signal", "signals", "ntfy", "ntfys", "gotify", "gotifys", "pover", "pagerduty", "opsgenie", "lark"),
    *("feishu", "dingtalk", "wecombot"),
)
"""Those that reach people through a network; Apprise knows others that act on the machine it runs on."""
OPTIONS = (
    *("action", "actions", "alias", "api-version", "avatar", "avatar_url", "batch", "bcc", "blocks"),
    *("botname", "cc", "channel", "channels", "class", "click", "content", "dedup", "delay"),
    *("detect", "discovery", "email", "emojis", "entity", "expire", "fields", "flags", "footer"),
    *("footer_logo", "format", "from", "group", "href", "icon_url", "id", "image", "key", "mdv"),
    *("method", "mode", "msgtype", "name", "overflow", "pa", "path", "ping", "powerautomate"),
    *("preview", "priority", "redirect", "region", "reply", "route", "routeid", "secret", "severity"),
    *("sig", "silent", "smtp", "sound", "status", "tags", "team", "thread", "timestamp", "to"),
    *("token", "topic", "tts", "url", "url_title", "ver", "verify", "version", "webhook"),
    *("workspace", "wrap", "xtags"),
)
"""What an address may say behind its `?`, beside headers of a webhook (`+X-Name=`) and its fields (`-name=`).

Apprise knows more: names of files of this machine, whose content it would send, and how long to wait.
"""
_WEBHOOKS = frozenset({"json", "form", "xml"})
_ONE = threading.Lock()
"""Why a message was not taken is said in Apprise's log only, which is one for all."""


def service_of(address: str) -> Any:
    """The service behind an address.

    Raises:
        InvalidInput: when it is none, or one that is not allowed here.
    """
    _check_options(address)
    with _ONE:
        service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if service is None or not set(_schemes(service)).intersection(SCHEMES):
        message = (
            "expected the address of a service that reaches people through a network, such as "
            "slack://TOKENS, jsons://HOST/PATH, or mailtos://USER:PASSWORD@HOST?to=ADDRESS"
        )
        raise InvalidInput.field("address", message, masked(address))
    return service


def _check_options(address: str) -> None:
    given = parse_qsd(address.partition("?")[2])["qsd"]  # type: ignore[no-untyped-call]
    if others := sorted(name for name in given if name not in OPTIONS and name[:1] not in "+-"):
        named = ", ".join(visible(name[:40]) for name in others[:3])
        message = f"{named} can't be set here: an address may not name files of the server, nor make it wait"
        raise InvalidInput.field("address", message, masked(address))


def masked(address: str) -> str:
    """The part of an address that may be shown though it can't be read: its scheme."""
    scheme, separator, _ = address.partition("://")
    return f"{scheme[:20]}{separator}…" if separator else "…"


def title_of(service: Any) -> str:
    """Name of the service, such as `Slack`."""
    return str(service.service_name)


def shown(service: Any) -> str:
    """Its address without secrets; of a webhook the host alone, since its path is one."""
    address = str(service.url(privacy=True)).partition("?")[0]
    if _WEBHOOKS.intersection(_schemes(service)):
        scheme, _, rest = address.partition("://")
        address = f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"
    return address[:300]


def send(service: Any, title: str, body: str) -> None:
    """Send one message, and wait until the service has it: seconds at most.

    Raises:
        Unavailable: when it does not take it.
    """
    output: Any
    with _ONE, apprise.LogCapture(level=logging.WARNING) as output:  # type: ignore[no-untyped-call]
        taken = service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        reasons = [line.strip() for line in output.getvalue().splitlines() if line.strip()]
    if not taken:
        reason = reasons[0].rpartition(" - ")[2][:300] if reasons else "no reason given"
        raise Unavailable(f"{title_of(service)} did not take the message: {reason}")


def _schemes(service: Any) -> Iterable[str]:
    for names in (service.protocol, service.secure_protocol):
        yield from (names,) if isinstance(names, str) else names or ()
