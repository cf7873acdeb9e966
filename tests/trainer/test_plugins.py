"""Plug-ins are found by their files and by entry points, and a broken one is listed with its reason."""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import jsonschema
import nursery
import pytest
from recorded import Trained

import trainer
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.plugin import PluginKind
from rhoscope.spec import RunSpec
from trainer import fusions, plugins, strategies


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One more folder of strategies; the class of a file is imported under `trainer.strategies`."""
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    plugins.sources.cache_clear()
    yield tmp_path
    plugins.sources.cache_clear()
    for name in [n for n in sys.modules if n.startswith("trainer.strategies.added")]:
        del sys.modules[name]


ADDED = '''
from trainer.strategies.joint import Joint

class Added(Joint):
    """What it does."""

    title = "Added"
'''


def test_a_file_in_the_folder_is_a_plugin_under_the_files_name(folder: Path) -> None:
    (folder / "added_one.py").write_text(ADDED)
    result = plugins.describe().find("strategy", "added-one")
    assert result is not None
    assert (result.title, result.help, result.error) == ("Added", "What it does.", "")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("x = 1", "should define exactly one Strategy. Found none"),
        (ADDED + ADDED.replace("class Added", "class Second"), "Found Added, Second"),
        (ADDED.replace('    title = "Added"\n', "    series = 3\n"), "TypeError"),
    ],
)
def test_a_broken_plugin_is_listed_with_its_reason_and_can_not_be_launched(
    folder: Path, source: str, reason: str
) -> None:
    (folder / "added_two.py").write_text(source)
    catalog = plugins.describe()
    result = catalog.find("strategy", "added-two")
    assert result is not None
    assert reason in result.error
    with pytest.raises(InvalidInput, match="added-two"):
        catalog.check(RunSpec(strategy="added-two"))
    assert catalog.find("strategy", "joint") is not None


def test_another_packages_plugin_comes_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = EntryPoint("theirs", "trainer.fusions.sum:Sum", "rhoscope.fusions")
    broken = EntryPoint("broken", "nowhere:Nothing", "rhoscope.fusions")
    monkeypatch.setattr(plugins, "entries", lambda: EntryPoints([theirs, broken]))
    plugins.sources.cache_clear()
    catalog = plugins.describe()
    plugins.sources.cache_clear()
    usable, unusable = catalog.find("fusion", "theirs"), catalog.find("fusion", "broken")
    assert usable is not None
    assert usable.provides == ["additive", "late", "linear", "masked"]
    assert unusable is not None
    assert "nowhere" in unusable.error


def test_the_catalog_is_printed_as_json_with_defaults_that_fit_their_own_schemas() -> None:
    done = nursery.run([sys.executable, "-m", "trainer.plugins"])
    catalog = Catalog.model_validate_json(done.stdout)
    assert json.loads(done.stdout)["version"] == catalog.version
    assert {p.name for p in catalog.of_kind("strategy")} >= {"joint", "ogm", "ogm-ge"}
    assert {p.name for p in catalog.of_kind("fusion")} >= {"concat", "sum"}
    assert {p.name for p in catalog.of_kind("dataset")} >= {"av-digits", "synthetic"}
    for plugin in catalog.plugins:
        for schema in plugin.settings.values():
            jsonschema.validate(schema["default"], schema)
    assert catalog.check(RunSpec())["alpha"] == 1.5


def test_a_strategy_that_needs_an_additive_fusion_is_refused_on_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "added_three.py").write_text(ADDED + '    requires = ("additive",)\n')
    monkeypatch.setattr("trainer.fusions.sum.Sum.additive", False)
    catalog = plugins.describe()
    spec: dict[str, Any] = {"strategy": "added-three", "device": "cpu"}
    catalog.check(RunSpec.model_validate(spec))
    with pytest.raises(InvalidInput, match="sum of the modalities"):
        catalog.check(RunSpec.model_validate(spec | {"fusion": "sum"}))


def test_another_package_called_trainer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins.check_installation()
    monkeypatch.setattr(trainer, "__file__", "/elsewhere/site-packages/trainer/__init__.py")
    with pytest.raises(Unavailable, match="/elsewhere"):
        plugins.check_installation()


def test_data_folders_are_no_plugins() -> None:
    assert "data" not in plugins.sources("dataset")
    assert set(plugins.sources("fusion")) >= {
        Path(f).stem.replace("_", "-") for f in Path(fusions.__path__[0]).glob("[a-z]*.py")
    }


def test_the_strategy_in_the_readme_is_one(folder: Path) -> None:
    readme = Path(__file__).parents[2] / "README.md"
    blocks = [block.split("```")[0] for block in readme.read_text().split("```python\n")[1:]]
    (code,) = [block for block in blocks if "class HalfSpeed(" in block]
    (folder / "half_speed.py").write_text(code)
    spec = {"dataset": "synthetic", "train_size": 128, "batch_size": 16, "epochs": 2, "device": "cpu"}
    sink = Trained({**spec, "strategy": "half-speed", "factor": 0.25}).sink
    assert set(sink.series("k.fast")) | set(sink.series("k.slow")) == {0.25, 1.0}
    result = plugins.describe().find("strategy", "half-speed")
    assert result is not None
    assert result.settings["factor"]["live"] is True


@pytest.mark.parametrize("kind", ["encoder", "fusion", "strategy"])
def test_every_part_says_how_it_compares_with_the_published_code_and_what_checks_it(kind: PluginKind) -> None:
    for plugin in plugins.describe().of_kind(kind):
        equal = re.match(
            r"Equal to the published code \(.*commit [0-9a-f]{7}\b.*checked by ", plugin.fidelity
        )
        assert equal or plugin.fidelity.startswith("Differs from the published code in "), plugin.name
        for path in re.findall(r"tests/\S+\.py", plugin.fidelity):
            assert (Path(__file__).parents[2] / path).is_file(), path
