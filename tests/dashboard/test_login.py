"""The login in a browser: strangers see nothing, users come to where they wanted to be, and leave again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import httpx
import pytest
from accessibility import RULES, violations
from playwright.sync_api import Page, expect
from served import listening, serving

from dashboard.app import create_app
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end

PASSWORD = "correct horse"
SCHEMES: tuple[tuple[Literal["light", "dark"], tuple[str, ...]], ...] = (
    ("dark", RULES),
    ("light", ("color-contrast",)),
)
TOKEN = "shared-secret-of-the-lab"
WIDTHS = (390, 640, 1280)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[str]:
    """Address of a page in front of an API with the users ann, an admin, and vera, a viewer."""
    environment = Environment(data_dir=tmp_path_factory.mktemp("login"))
    with ExitStack() as stack:
        stack.callback(end, embedded.start(environment))
        api = stack.enter_context(serving(environment, catalog))
        with httpx.Client(base_url=f"{api.url}/api/v1", timeout=20) as client:
            client.post("/users", json={"name": "ann", "password": PASSWORD}).raise_for_status()
            client.post("/session", json={"name": "ann", "password": PASSWORD}).raise_for_status()
            vera = {"name": "vera", "password": PASSWORD, "role": "viewer"}
            client.post("/users", json=vera).raise_for_status()
        port = stack.enter_context(listening(create_app(environment.model_copy(update={"api_url": api.url}))))
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def window(fresh: Callable[[int, int], Page]) -> Iterator[Page]:
    """A fresh browser window in which no policy may be violated. Refusals are expected here."""
    window = fresh(390, 800)
    window.emulate_media(color_scheme="dark")
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    yield window
    window.close()
    assert [text for text in said if "Content Security Policy" in text or "Refused to" in text] == []


def log_in(window: Page, name: str, password: str = PASSWORD) -> None:
    window.get_by_label("Name").fill(name)
    window.get_by_label("Password").fill(password)
    window.get_by_role("button", name="Log in").click()


def test_a_stranger_logs_in_comes_to_the_page_they_wanted_and_logs_out(window: Page, site: str) -> None:
    window.goto(f"{site}/sweeps?x=1")
    expect(window).to_have_url(f"{site}/login?next=%2Fsweeps%3Fx%3D1")
    expect(window.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
    log_in(window, "ann", "wrong horse")
    expect(window.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    log_in(window, "ann")
    expect(window).to_have_url(f"{site}/sweeps?x=1")
    window.get_by_role("button", name="ann").click()
    dialog = window.get_by_role("dialog", name="ann")
    expect(dialog).to_contain_text("Role: admin")
    dialog.get_by_label("Name, such as laptop").fill("laptop")
    dialog.get_by_role("button", name="Make a token").click()
    secret = dialog.locator("code").text_content() or ""
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{site}/api/v1/runs", headers=headers).status_code == 200
    dialog.get_by_role("button", name="Revoke").click()
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    assert httpx.get(f"{site}/api/v1/runs", headers=headers).status_code == 401
    dialog.get_by_role("button", name="Log out").click()
    expect(window.get_by_role("heading", name="Log in")).to_be_visible()
    assert window.context.cookies() == []


def test_the_launch_form_acts_as_its_visitor_and_a_viewer_launches_nothing(window: Page, site: str) -> None:
    window.set_viewport_size({"width": 1280, "height": 900})
    window.goto(site)
    log_in(window, "vera")
    expect(window.get_by_role("button", name="vera")).to_be_visible()
    expect(window.locator("#launch")).to_be_enabled()
    expect(window.locator("#launch")).to_be_hidden()
    window.locator("#launch").evaluate("(button) => button.click()")  # by whoever finds it nevertheless
    expect(window.locator("#launch-problem")).to_contain_text("vera is a viewer and may look")


def test_login_and_account_are_for_everybody_at_any_width(window: Page, site: str) -> None:
    for scheme, rules in SCHEMES:
        window.emulate_media(color_scheme=scheme)
        window.goto(site)
        for width in WIDTHS:
            window.set_viewport_size({"width": width, "height": 800})
            assert violations(window, rules) == [], (width, scheme)
    log_in(window, "ann")
    window.get_by_role("button", name="ann").click()
    expect(window.get_by_role("dialog", name="ann")).to_be_visible()
    for width in WIDTHS:
        window.set_viewport_size({"width": width, "height": 800})
        window.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        last = window.locator(".nav-link").last.bounding_box()
        nav = window.locator(".header-row > nav").bounding_box()
        assert last
        assert nav
        assert last["x"] + last["width"] <= nav["x"] + nav["width"] + 1, width  # no link of the head is cut
        for scheme, rules in SCHEMES:
            window.emulate_media(color_scheme=scheme)
            assert violations(window, rules) == [], (width, scheme)


def test_a_session_is_no_programs_to_read_and_ends_the_page_when_it_ends(window: Page, site: str) -> None:
    window.goto(site)
    log_in(window, "vera")
    expect(window.get_by_role("button", name="vera")).to_be_visible()
    assert window.evaluate("document.cookie") == ""
    (cookie,) = window.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    httpx.delete(f"{site}/api/v1/session", cookies={cookie["name"]: cookie["value"]}).raise_for_status()
    expect(window.get_by_role("heading", name="Log in")).to_be_visible()


def test_the_way_back_leads_to_no_other_site(window: Page, site: str) -> None:
    for there in ("https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        window.context.clear_cookies()
        window.goto(f"{site}/login?next={there}")
        log_in(window, "vera")
        window.wait_for_url(lambda url: "login" not in url)
        assert window.url.startswith(f"{site}/")


def test_a_link_with_the_shared_token_logs_in_and_leaves_no_trace(
    window: Page, tmp_path: Path, catalog: Catalog
) -> None:
    environment = Environment(data_dir=tmp_path, api_token=TOKEN)
    with ExitStack() as stack:
        stack.callback(end, embedded.start(environment))
        api = stack.enter_context(serving(environment, catalog))
        port = stack.enter_context(listening(create_app(environment.model_copy(update={"api_url": api.url}))))
        window.goto(f"http://127.0.0.1:{port}/login#token={TOKEN}")
        expect(window.get_by_role("button", name="Log out")).to_be_visible()
        assert TOKEN not in window.url
        window.context.clear_cookies()
        window.goto(f"http://127.0.0.1:{port}/login")
        window.get_by_label("Token").fill("wrong")
        window.get_by_role("button", name="Log in").click()
        expect(window.get_by_role("alert")).to_contain_text("The token is wrong")
        window.get_by_label("Token").fill(TOKEN)
        window.get_by_role("button", name="Log in").click()
        expect(window.get_by_role("button", name="Log out")).to_be_visible()
