"""Which services there are, and what is said of their addresses."""

import pytest
from letterbox import letterbox

from backend.channels import services
from rhoscope.errors import InvalidInput, Unavailable

SECRET = "Tq4mvkfhYbCz"


@pytest.mark.parametrize(
    ("address", "name", "shown"),
    [
        (f"jsons://user:{SECRET}@h.example/{SECRET}?+x-key={SECRET}", "JSON", "jsons://h.example"),
        (f"form://h.example:81/{SECRET}", "Form", "form://h.example:81"),
        (f"mailtos://user:{SECRET}@example.com?to=a@b.example", "E-Mail", "mailtos://user:****@example.com/"),
        (f"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TI{SECRET}lazkcOXrI", "Slack", "slack://"),
    ],
)
def test_a_service_has_a_name_and_shows_no_secret(address: str, name: str, shown: str) -> None:
    service = services.service_of(address)
    assert services.title_of(service) == name
    assert services.shown(service).startswith(shown)
    assert SECRET not in services.shown(service)


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "nonsense", "json://", "slack://", "://", "http://h.example/x", f"nobody://{SECRET}"),
        *("syslog://", "dbus://", "windows://", "macosx://", "file:///etc/passwd", "gnome://", "glib://"),
        *("json://[::1", "\u202ejson://h"),
    ],
)
def test_what_is_no_service_or_acts_on_this_machine_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match=r"address: expected the address of a service") as refusal:
        services.service_of(address)
    assert SECRET not in str(refusal.value.errors)


@pytest.mark.parametrize(
    "address",
    [
        "workflows://h.example/WORKFLOWID/SIGNATURE/?template=/etc/passwd",
        "workflows://h.example/WORKFLOWID/SIGNATURE/?TEMPLATE=file:///etc/passwd",
        "workflows://h.example/WORKFLOWID/SIGNATURE/?to=a&%74emplate=/etc/passwd",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd",
        "mailto://me:secret@h.example?to=a@h.example&pgp=yes&pgppub=/etc/passwd",
        "ntfy://topic?attach=/etc/passwd",
        "json://h.example/x?rto=86400",
        "json://h.example/x?retry=9&wait=600",
    ],
)
def test_no_address_names_a_file_of_the_server_or_makes_it_wait(address: str) -> None:
    with pytest.raises(InvalidInput, match=r"address: .* can't be set here") as refusal:
        services.service_of(address)
    assert "passwd" not in refusal.value.detail
    assert "secret" not in refusal.value.detail


def test_headers_and_fields_of_a_webhook_can_be_set() -> None:
    assert services.service_of("jsons://h.example/x?+X-Key=a&-team=b&method=PUT&verify=no")


def test_a_service_that_refuses_or_is_gone_says_why() -> None:
    with letterbox() as box:
        box.well = False
        with pytest.raises(Unavailable, match=r"JSON did not take the message: .*500"):
            services.send(services.service_of(box.address), "title", "body")
    with pytest.raises(Unavailable, match=r"JSON did not take the message: \w+"):
        services.send(services.service_of(box.address), "title", "body")
