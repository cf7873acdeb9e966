"""What a form would launch as text: each text is executed, and launches exactly what the form launches."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from instrument import wait_for
from nursery import RHOSCOPE
from redis import Redis
from served import Served, announce

from dashboard import address, checking, forms, launching, recipes
from rhoscope.catalog import Catalog
from rhoscope.cli.terminal import read_spec
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import Unavailable
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.spec import RunSpec

TOKEN = "not to be shown"
FORMS: dict[str, dict[str, str]] = {
    "untouched": {},
    "one run": {
        "strategy": "modality-drop", "alpha": "", "lr": "1e-3", "optimizer": "adamw", "compile": "true",
        "only": "audio", "encoders.audio": "mlp", "seed": "7",
    },
    "several runs": {"alpha": "0.1, 0.8", "seed": "0-1", "schedule": "cosine", "fusion": "sum"},
    "only several": {"alpha": "0.1 1e-4", "seed": "3,4"},
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Served]:
    """A back end that asks for a token."""
    environment = Environment(data_dir=tmp_path_factory.mktemp("recipes"), lease_s=5.0, api_token=TOKEN)
    server = embedded.start(environment)
    served = Served(environment)
    served.start()
    with Redis.from_url(environment.broker_url) as redis, Client(served.url, TOKEN) as client:
        announce(redis, catalog)
        wait_for(lambda: _knows(client), 30, "the catalogue")
    yield served
    served.stop()
    end(server)


def _knows(client: Client) -> bool:
    try:
        return bool(client.catalog().plugins)
    except Unavailable:
        return False


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    with Client(served.url, TOKEN) as client:
        yield client


def filled(catalog: Catalog, changes: dict[str, str]) -> dict[str, str]:
    plugins = {field: changes.get(field, getattr(RunSpec(), field)) for field in forms.FIELDS}
    schemas = catalog.schemas(launching.chosen(plugins))
    return {name: forms.show(schema.get("default")) for name, schema in schemas.items()} | plugins | changes


def run_in(folder: Path, url: str) -> Callable[..., None]:
    """Executes a command as a reader of the recipe would, the token in the environment."""
    path = f"{Path(RHOSCOPE).parent}{os.pathsep}{os.environ['PATH']}"
    around = os.environ | {"PATH": path, "RHOSCOPE_API_TOKEN": TOKEN}

    def execute(*command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, env=around, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{url}: {done.stdout}{done.stderr}"

    return execute


def by_curl(text: str, execute: Callable[..., None]) -> None:
    if shutil.which("curl"):
        execute("sh", "-c", text)
        return
    words = shlex.split(text)
    url, body = next(w for w in words if w.startswith("http")), words[words.index("-d") + 1]
    assert "Authorization: Bearer $RHOSCOPE_API_TOKEN" in words
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    httpx.post(url, content=body, headers=headers).raise_for_status()


@pytest.mark.parametrize("name", FORMS)
def test_each_text_executed_launches_what_the_form_launches(
    catalog: Catalog, client: Client, tmp_path: Path, name: str
) -> None:
    wanted = launching.order(catalog, filled(catalog, FORMS[name]))
    texts = recipes.recipes(wanted, recipes.Place(client.url, guarded=True))
    execute = run_in(tmp_path, client.url)
    (tmp_path / "FILE.yaml").write_text(texts["yaml"])

    def newest() -> list[dict[str, Any]]:
        size = len(client.sweeps()[0].runs) if wanted.several else 1
        return [run.spec.model_dump() for run in client.runs(limit=size).runs]

    launching.launch(client, wanted, "")
    by_form, before = newest(), client.runs().total
    by_curl(texts["curl"], execute)
    assert newest() == by_form
    execute(sys.executable, "-c", texts["python"])
    assert newest() == by_form
    first = texts["yaml"].splitlines()[0].removeprefix("# ").split(";")[0]
    execute("sh", "-c", first)
    assert newest() == by_form
    execute("sh", "-c", texts["cli"])
    assert newest() == by_form
    assert client.runs().total == before + 4 * len(by_form)
    assert TOKEN not in "".join(texts.values())
    if not wanted.several:
        assert (
            catalog.read(read_spec(tmp_path / "FILE.yaml", [])) == wanted.base
        )  # as `rhoscope train` reads it


def test_only_what_differs_from_the_defaults_is_written(catalog: Catalog) -> None:
    wanted = launching.order(catalog, filled(catalog, {"lr": "0.1"}))
    assert recipes.body(wanted) == {"alpha": 1.5, "seed": 0, "lr": 0.1}


def test_an_unguarded_api_is_asked_without_a_token(catalog: Catalog) -> None:
    wanted = launching.order(catalog, filled(catalog, {}))
    texts = recipes.recipes(wanted, recipes.Place("http://127.0.0.1:8000"))
    assert "TOKEN" not in "".join(texts.values())
    assert "RHOSCOPE_API_URL" not in texts["cli"]


def test_from_another_machine_the_pages_own_address_is_named() -> None:
    far = recipes.place("http://backend:8000", "http://lab:8050", guarded=True)
    near = recipes.place("http://127.0.0.1:8000", "http://localhost:8050", guarded=True)
    assert (far.url, near.url) == ("http://lab:8050", "http://127.0.0.1:8000")


@pytest.mark.parametrize("name", FORMS)
def test_a_form_filled_in_from_its_address_asks_for_the_same(
    catalog: Catalog, client: Client, name: str
) -> None:
    """The address as `dashboard/page/pages/launch` writes it."""
    typed = filled(catalog, FORMS[name])
    changed = checking.changed(catalog, typed)
    packed = {
        n: "_".join(t.replace(",", " ").split()) if n in {"alpha", "seed"} else t for n, t in changed.items()
    }
    result, _ = address.prefilled(client, "?set=" + ",".join(f"{n}:{t}" for n, t in packed.items()))
    assert launching.order(catalog, filled(catalog, result)) == launching.order(catalog, typed)


@pytest.mark.parametrize("text", ["0,1", "1_5", "1..5", "0–4", "2024_06_11", "1,000"])
def test_a_text_in_the_address_comes_back_as_it_was_typed(client: Client, text: str) -> None:
    """Encoded once by `dashboard/page/pages/launch/address.js` and once more by the browser."""
    written = quote(quote(text, safe="").replace("_", "%5F"), safe="")
    assert address.prefilled(client, f"?set=alpha:{written}") == ({"alpha": text}, "")


def test_a_form_filled_in_from_a_run_asks_for_its_specification(catalog: Catalog, client: Client) -> None:
    spec = launching.order(catalog, filled(catalog, FORMS["one run"] | {"lr": "0.00123456789"})).base
    result, note = address.prefilled(client, f"?from={client.launch(spec).id}")
    assert launching.order(catalog, filled(catalog, result)).base == spec
    assert spec.title() in note


def test_a_check_marks_every_field_in_the_apis_words(catalog: Catalog, client: Client) -> None:
    result = checking.checked(client, filled(catalog, {"alpha": "-1", "batch_size": "2000"}), "")
    assert (result["fits"], result["runs"], result["recipes"]) == (False, 1, {})
    assert result["misfits"]["alpha"] == "-1.0 is invalid; expected a number from 0 to 100"
    fits = checking.checked(client, filled(catalog, {"alpha": "0.1, 0.8", "epochs": "2"}), "")
    assert fits["says"].startswith("2 runs of 46 steps each, 92 in all.")
    assert fits["runs"] == 2
    assert fits["changed"] == {"alpha": "0.1, 0.8", "epochs": "2"}
