"""The documentation reads without a network, and every link in it leads somewhere."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import chromium
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from site_pages import Site, read

from rhoscope.cli import app
from rhoscope.environment import Environment
from rhoscope.spec import RunSpec
from trainer.plugins import describe

MOST_SECONDS = 60
GOLDEN = Path(__file__).parents[1] / "golden" / "cases"


def test_building_takes_less_than_a_minute_of_one_core(site: Site) -> None:
    assert site.seconds < MOST_SECONDS


def test_the_page_of_fidelity_has_every_part_and_every_golden_item_with_its_figure(site: Site) -> None:
    page = re.sub(r"<[^>]+>", "", (site.folder / "fidelity.html").read_text())
    text = " ".join(unescape(page).replace("’", "'").split())
    compared = [plugin for plugin in describe().plugins if plugin.fidelity]
    assert {plugin.kind for plugin in compared} >= {"fusion", "encoder", "dataset"}
    for plugin in compared:
        assert f"{plugin.name} {plugin.fidelity.split(',')[0]}" in text
    items = [json.loads(path.read_text())["item"] for path in GOLDEN.glob("*.json")]
    assert len(items) > 5
    for item in items:
        assert re.search(rf"{item} \d+ \S+ of \S+ allowed", text), item


def test_no_page_loads_anything_from_the_network(site: Site) -> None:
    remote = [
        f"{path.name}: {asset}"
        for path, page in site.pages.items()
        for asset in page.assets
        if urlsplit(asset).netloc or urlsplit(asset).scheme not in {"", "data"}
    ]
    assert remote == []


def test_no_style_and_no_script_loads_anything_from_the_network(site: Site) -> None:
    loading = re.compile(r"""(?:url\(|@import|fetch\(|import\(|from|src=)\s*["']?(?:https?:)?//""")
    files = [path for path in site.folder.rglob("*") if path.suffix in {".css", ".js"}]
    assert len(files) > 5
    assert [path.name for path in files if loading.search(path.read_text())] == []


def test_every_internal_link_leads_to_a_page_and_an_anchor_that_exist(site: Site) -> None:
    broken = [
        f"{path.relative_to(site.folder)}: {link}"
        for path, page in site.pages.items()
        for link in page.links
        if not _is_remote(link) and not _leads_somewhere(site, path, link)
    ]
    assert broken == []


def test_every_asset_is_in_the_site(site: Site) -> None:
    lost = [
        asset
        for path, page in site.pages.items()
        for asset in page.assets
        if not asset.startswith("data:") and not (path.parent / urlsplit(asset).path).exists()
    ]
    assert lost == []


def test_links_to_the_web_are_well_formed(site: Site) -> None:
    links = {link for page in site.pages.values() for link in page.links if _is_remote(link)}
    assert links
    assert [
        link for link in sorted(links) if not re.fullmatch(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?", link)
    ] == []


def test_the_checks_notice_what_they_look_for(tmp_path: Path) -> None:
    html = '<a id="here" href="gone.html#x">x</a><script src="//cdn.example.org/x.js"></script>'
    (tmp_path / "page.html").write_text(html)
    bad = Site(tmp_path, 0.0)
    page = read(html)
    assert not _leads_somewhere(bad, tmp_path / "page.html", page.links[0])
    assert not _leads_somewhere(bad, tmp_path / "page.html", "#there")
    assert _leads_somewhere(bad, tmp_path / "page.html", "#here")
    with pytest.raises(AssertionError):
        test_no_page_loads_anything_from_the_network(bad)


def test_the_reference_names_everything_the_code_has(site: Site) -> None:
    reference = site.folder / "reference"
    plugins = describe().plugins
    settings = (reference / "settings.html").read_text()
    assert [name for plugin in plugins for name in plugin.settings if f">{name}<" not in settings] == []
    series = (reference / "series.html").read_text()
    assert [one.name for plugin in plugins for one in plugin.series if f">{one.name}<" not in series] == []
    commands = (reference / "command-line.html").read_text()
    assert [c.name for c in app.registered_commands if f">rhoscope {c.name}<" not in _flat(commands)] == []
    variables = (reference / "environment.html").read_text()
    assert [n for n in Environment.model_fields if f"RHOSCOPE_{n.upper()}" not in variables] == []
    rest = (reference / "rest.html").read_text()
    assert [name for name in RunSpec.model_fields if f">{name}<" not in rest] == []
    assert "PATCH /api/v1/runs/{run}/settings" in _flat(rest)


def test_nothing_is_left_to_be_generated(site: Site) -> None:
    assert [path.name for path in site.pages if "<!-- generated" in path.read_text()] == []


@pytest.fixture
def page(playwright: Playwright) -> Iterator[Page]:
    browser: Browser = playwright.chromium.launch(
        executable_path=chromium.EXECUTABLE, args=chromium.FLAGS + chromium.BRIEF
    )
    context = browser.new_context(offline=True)
    yield context.new_page()
    browser.close()


@pytest.mark.e2e
def test_the_search_works_from_a_folder_without_a_network(site: Site, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto((site.folder / "search.html").as_uri() + "?q=lease")
    expect(page.locator("#search-results li").first).to_be_visible()
    expect(page.locator("#search-results")).to_contain_text("Architecture")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def _is_remote(link: str) -> bool:
    return urlsplit(link).scheme in {"http", "https"}


def _leads_somewhere(site: Site, page: Path, link: str) -> bool:
    parts = urlsplit(link)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target.suffix != ".html" or anchor in site.pages[target].anchors


def _flat(html: str) -> str:
    return re.sub(r"</?span[^>]*>", "", html)
