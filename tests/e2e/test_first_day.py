"""A new user's first day, through every entrance: one's own folder, and numbers that are none."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from folders import halved, huge, pets, talkative
from instrument import Instrument
from playwright.sync_api import BrowserContext, Page, expect
from trained import trained

from rhoscope.errors import InvalidInput
from rhoscope.runs import Fork, Run, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SLOW = {"dataset": "synthetic", "epochs": 1000, "step_delay_ms": 200}
JSON = {"Content-Type": "application/json"}
QUICK = "dataset:synthetic,batch_size:512,epochs:1"
"""Settings that are in sight: a form that has to show all of them takes a browser five times as long."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pets(tmp_path_factory.mktemp("own") / "pets")


def spec(place: Path, **more: Any) -> dict[str, Any]:
    return {"dataset": "folder", "settings": {"folder": str(place), "batch_size": 4, "epochs": 1} | more}


def assigned(given: dict[str, Any]) -> list[str]:
    """A specification as the command line takes it."""
    flat = {name: value for name, value in given.items() if name != "settings"} | given.get("settings", {})
    return [word for name, value in flat.items() for word in ("--set", f"{name}={value}")]


def by_rest(instrument: Instrument, given: dict[str, Any]) -> str:
    answer = httpx.post(
        f"{instrument.api_url}/api/v1/runs", content=json.dumps(given), headers=JSON, timeout=30
    )
    if answer.status_code == 422:
        raise InvalidInput(answer.json()["detail"])
    return str(answer.raise_for_status().json()["id"])


def by_client(instrument: Instrument, given: dict[str, Any]) -> str:
    return instrument.client.launch(given).id


def by_specification(instrument: Instrument, given: dict[str, Any]) -> str:
    return instrument.client.launch(RunSpec.model_validate(given)).id


def by_sweep(instrument: Instrument, given: dict[str, Any]) -> str:
    return instrument.client.sweep(SweepSpec(base=RunSpec.model_validate(given), seeds=[0])).runs[0].id


def by_command(instrument: Instrument, given: dict[str, Any]) -> str:
    done = instrument.cli("launch", *assigned(given))
    if done.returncode == 2:
        assert "Traceback" not in done.stderr
        raise InvalidInput(" ".join(done.stderr.split()))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


ENTRANCES: dict[str, Callable[[Instrument, dict[str, Any]], str]] = {
    "REST": by_rest,
    "client": by_client,
    "specification": by_specification,
    "sweep": by_sweep,
    "command line": by_command,
}


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"hidden": 64}, "it belongs to encoder 'mlp', which it does not use; no text is trained"),
    ({"folder": "/nowhere/at/all"}, "there is no folder /nowhere/at/all where the worker looks"),
    ({"folder": "pets"}, "a relative name starts at the worker's directory"),
    ({"batch_size": 11}, "11 is more than the 10 training examples"),
    ({"probe": "text"}, "'text' is not trained on: this data set has audio and visual"),
    ({"only": "text"}, "'text' is not trained on: this data set has audio and visual"),
)
"""Settings that do not fit the folder, and what is said of them."""


@pytest.fixture(scope="class")
def queued(instrument: Instrument, folder: Path) -> Iterator[Run]:
    """A run that waits, as any that is launched meanwhile: another has the worker."""
    busy = instrument.client.launch(SLOW)
    waiting = instrument.client.launch(spec(folder))
    yield waiting
    for run in (waiting, busy):
        instrument.end(run.id)


class TestEveryEntrance:
    """They all launch the same run; that it trains is seen once."""

    @pytest.mark.parametrize("entrance", ENTRANCES)
    def test_it_is_the_same_run_through_every_entrance(
        self, instrument: Instrument, folder: Path, queued: Run, entrance: str
    ) -> None:
        made = instrument.end(ENTRANCES[entrance](instrument, spec(folder)))
        assert (made.spec.dataset, made.settings) == ("folder", queued.settings)
        assert (made.state, made.step) == (RunState.STOPPED, 0)


class TestAFolderOfOnesOwn:
    """It trains through the server as it does without one."""

    def test_it_trains_with_no_other_word(self, instrument: Instrument, folder: Path) -> None:
        done = instrument.until(by_rest(instrument, spec(folder)), timeout_s=90)
        assert (done.state, done.modalities) == (RunState.COMPLETED, ["audio", "visual"])
        assert "hidden" not in done.settings

    def test_it_trains_from_the_page(self, instrument: Instrument, folder: Path, page: Page) -> None:
        page.goto(instrument.url)
        page.locator("#setting-dataset").click()
        page.get_by_role("option", name="Your own folder").click()
        field = page.locator("#essential-settings #setting-folder")
        expect(field).to_be_visible()
        expect(field).to_have_attribute("inputmode", "text")
        forecast = page.locator("#launch-forecast")
        expect(page.locator("[data-setting='folder'] .mantine-InputWrapper-error")).to_contain_text(
            "there is no folder"
        )
        field.fill(str(folder))
        batch = page.locator("[data-setting='batch_size'] .mantine-InputWrapper-error")
        expect(batch).to_contain_text("64 is more than the 10 training examples")
        page.locator("#setting-batch_size").fill("4")
        page.locator("#setting-epochs").fill("1")
        expect(forecast).to_contain_text("The data has audio and visual in 2 classes.")
        page.locator("#launch").click()
        page.wait_for_url("**/watch?runs=*")
        done = instrument.until(page.url.rpartition("runs=")[2].partition("&")[0], timeout_s=90)
        assert (done.state, done.modalities) == (RunState.COMPLETED, ["audio", "visual"])

    def test_an_encoder_of_ones_own_and_one_modality_train_as_well(
        self, instrument: Instrument, folder: Path
    ) -> None:
        alone = {"strategy": "joint", "only": "audio", "encoders": {"audio": "transformer"}}
        done = instrument.until(instrument.client.launch(spec(folder) | alone).id, timeout_s=90)
        assert (done.state, done.modalities) == (RunState.COMPLETED, ["audio"]), done.reason
        narrow = {"transformer_width": 16, "transformer_layers": 1}
        (other,) = trained(instrument, {"epochs": 1, **narrow, **alone})
        assert other.modalities == ["audio"]

    def test_two_of_three_modalities_of_the_synthetic_set_have_the_encoders_named_for_them(
        self, instrument: Instrument
    ) -> None:
        given = {"dataset": "synthetic", "train_size": 128, "batch_size": 16, "epochs": 1}
        encoders = {"fast": "convolutional", "slow": "convolutional"}
        done = instrument.until(instrument.client.launch({**given, "encoders": encoders}).id)
        assert done.state is RunState.COMPLETED, done.reason
        assert "hidden" not in done.settings
        with pytest.raises(InvalidInput, match="'slow2' is not trained on"):
            instrument.client.launch({**given, "only": "slow2"})

    def test_it_is_forked(self, instrument: Instrument, folder: Path) -> None:
        first = instrument.until(instrument.client.launch(spec(folder, epochs=2)).id, timeout_s=90)
        again = instrument.client.fork(first.id, Fork(settings={"alpha": np.float32(0.3)}))
        done = instrument.until(again.id, timeout_s=90)
        assert (done.state, done.settings["alpha"]) == (RunState.COMPLETED, 0.3), done.reason

    @pytest.mark.parametrize(("more", "says"), REFUSED)
    @pytest.mark.parametrize("entrance", ENTRANCES)
    def test_what_the_folder_has_not_is_refused_at_launch(
        self, instrument: Instrument, folder: Path, entrance: str, more: dict[str, Any], says: str
    ) -> None:
        before = instrument.client.runs(1).total
        with pytest.raises(InvalidInput) as refused:
            ENTRANCES[entrance](instrument, spec(folder, **more))
        assert says in refused.value.detail
        assert instrument.client.runs(1).total == before

    @pytest.mark.parametrize(("more", "says"), REFUSED)
    def test_what_the_folder_has_not_is_refused_by_a_check(
        self, instrument: Instrument, folder: Path, more: dict[str, Any], says: str
    ) -> None:
        with pytest.raises(InvalidInput) as checked:
            instrument.client.check(spec(folder, **more))
        assert says in checked.value.detail

    def test_odd_files_end_no_run_and_are_named(self, instrument: Instrument, tmp_path: Path) -> None:
        folder = pets(tmp_path / "odd", each=9)
        for number, make in enumerate((huge, talkative, halved)):
            (folder / "cat" / f"e{number}.jpg").unlink()
            make(folder / "cat" / f"e{number}.{'jpg' if make is halved else 'png'}")
        (folder / "dog" / "caf\udce9.wav").write_bytes(b"")
        (folder / "README.txt").write_text("beside the classes")
        done = instrument.until(instrument.client.launch(spec(folder)).id, timeout_s=90)
        assert done.state is RunState.COMPLETED, done.reason
        lines = " ".join(str(e.data["line"]) for e in instrument.client.events(done.id) if e.kind == "log")
        for words in (
            "4 examples are left out",
            "cat/e0.png",
            "cat/e1.png",
            "cat/e2.jpg",
            "dog/caf\\xe9.wav",
        ):
            assert words in lines

    def test_a_refusal_that_only_reading_shows_names_files_and_reasons(
        self, instrument: Instrument, tmp_path: Path
    ) -> None:
        folder = pets(tmp_path / "broken")
        for number in range(3):
            halved(folder / "cat" / f"e{number}.jpg")
        with pytest.raises(InvalidInput) as refused:
            instrument.client.launch(spec(folder))
        reason = refused.value.detail
        assert "class cat has too few whole examples: 4 of 7" in reason
        assert "image file is truncated" in reason
        assert "cat/e0.jpg" in reason


NUMBERS = ("inf", "-inf", "nan", "1e999")
TWO = ("nan", "1e999")
"""Where a process or a page is started for each; all of them are tried at the functions that read them."""


class TestNumbersThatAreNone:
    """Answered in one sentence that says what is allowed, at every entrance."""

    @pytest.mark.parametrize("entrance", ENTRANCES)
    @pytest.mark.parametrize("text", NUMBERS)
    def test_a_launch_is_refused_with_what_is_allowed(
        self, instrument: Instrument, entrance: str, text: str
    ) -> None:
        with pytest.raises(
            InvalidInput, match=r"alpha: -?(inf|nan) is not a finite number; expected a number"
        ):
            ENTRANCES[entrance](instrument, {"settings": {"alpha": float(text)}})

    @pytest.mark.parametrize("text", TWO)
    def test_train_without_a_server_refuses_it(self, instrument: Instrument, text: str) -> None:
        done = instrument.cli("train", "--set", f"alpha={text}")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert re.search(
            r"Error: alpha: -?(inf|nan) is invalid: .*finite number", " ".join(done.stderr.split())
        )

    @pytest.mark.parametrize("text", TWO)
    def test_the_command_line_refuses_it_in_a_grid(self, instrument: Instrument, text: str) -> None:
        done = instrument.cli("sweep", "--grid", f"alpha=0.1,{text}")
        assert done.returncode == 2
        assert "is not a finite number; expected a number" in " ".join(done.stderr.split())

    def test_live_changes_forks_and_alerts_refuse_it(self, instrument: Instrument) -> None:
        run = instrument.client.launch(SLOW | {"step_delay_ms": 20})  # until an epoch left a checkpoint
        instrument.until_step(run.id, 30)
        with pytest.raises(InvalidInput, match="alpha: inf is not a finite number"):
            instrument.client.set(run.id, alpha=np.float32("inf"))
        with pytest.raises(InvalidInput, match="alpha: nan is not a finite number"):
            instrument.client.fork(run.id, {"settings": {"alpha": float("nan")}})
        with pytest.raises(InvalidInput, match="threshold"):
            instrument.client.add_alert(condition="above", series="rho.*", threshold=np.float64("inf"))
        instrument.client.set(run.id, alpha=np.float32(0.3))
        instrument.client.stop(run.id)
        done = instrument.until(run.id)
        assert done.settings["alpha"] == 0.3

    def test_numbers_of_numpy_are_numbers(self, instrument: Instrument) -> None:
        given = {
            "alpha": np.float32(0.5),
            "seed": np.int64(3),
            "epochs": np.uint8(1),
            "keep_best": np.bool_(False),
        }
        run = instrument.client.launch(given)
        assert {name: run.settings[name] for name in given} == {
            "alpha": 0.5,
            "seed": 3,
            "epochs": 1,
            "keep_best": False,
        }
        sweep = instrument.client.sweep(
            {"base": {"epochs": 1}, "grid": {"alpha": np.array([0.25, 0.5], np.float32)}}
        )
        assert [one.settings["alpha"] for one in sweep.runs] == [0.25, 0.5]
        for one in (run, *sweep.runs):
            instrument.client.stop(one.id)

    def test_the_page_says_so_at_the_field_and_promises_nothing(
        self, instrument: Instrument, page: Page
    ) -> None:
        page.goto(instrument.url)
        forecast = page.locator("#launch-forecast")
        alert = page.locator("[data-setting='alpha'] .mantine-InputWrapper-error")
        before = instrument.client.runs().total
        for text in TWO:
            expect(forecast).to_contain_text("One run of")
            page.locator("#setting-alpha").fill(text)
            expect(forecast).not_to_contain_text("One run of")
            expect(alert).to_contain_text("not a finite number; expected a number from 0 to 100")
            expect(forecast).to_have_text("Fix 1 field.")
            page.locator("#launch").click()
            expect(page.locator("#launch-problem")).to_contain_text("Nothing was launched")
            page.locator("#setting-alpha").fill("0.5")
            expect(page.locator("#launch-problem")).to_be_empty()
        assert instrument.client.runs().total == before


@pytest.fixture(scope="class")
def form(instrument: Instrument, context: BrowserContext) -> Iterator[Page]:
    """A form whose promise stands again after each test that types in it."""
    page = context.new_page()
    page.goto(instrument.url)
    yield page
    page.close()


class TestThePagePromises:
    """What the form says is of the form as it is, and a Launch that did nothing says why."""

    def test_a_promise_is_withdrawn_as_soon_as_anything_is_typed(self, form: Page) -> None:
        forecast = form.locator("#launch-forecast")
        expect(forecast).to_contain_text("One run of 552 steps.")
        form.route("**/_dash-update-component", lambda route: None)
        form.locator("#setting-epochs").press_sequentially("0")
        expect(forecast).to_have_text("Checking …", timeout=1000)
        form.unroute("**/_dash-update-component")
        form.locator("#setting-epochs").press("Backspace")

    def test_what_was_typed_and_taken_back_is_promised_again(self, form: Page) -> None:
        forecast = form.locator("#launch-forecast")
        expect(forecast).to_contain_text("One run of 552 steps.")
        form.locator("#setting-epochs").press_sequentially("0")
        form.locator("#setting-epochs").press("Backspace")
        expect(forecast).to_contain_text("One run of 552 steps.")

    def test_a_worker_that_becomes_busy_is_noticed_with_nothing_typed(
        self, instrument: Instrument, form: Page
    ) -> None:
        for run in instrument.client.runs().runs:
            with suppress(Exception):
                instrument.client.stop(run.id)
        forecast = form.locator("#launch-forecast")
        expect(forecast).to_contain_text("Starts immediately", timeout=60_000)
        run = instrument.client.launch(SLOW)
        instrument.until_step(run.id, 1)
        expect(forecast).to_contain_text("all workers are busy")
        instrument.client.stop(run.id)
        expect(forecast).to_contain_text("Starts immediately")

    def test_an_api_that_is_gone_is_said_where_the_promise_was(
        self, instrument: Instrument, form: Page
    ) -> None:
        forecast = form.locator("#launch-forecast")
        expect(forecast).to_contain_text("One run of")
        (api,) = [p for p in instrument.programs("backend") if "--port" in p.cmdline()]
        api.suspend()
        try:
            form.locator("#setting-seed").fill("7")
            expect(forecast).to_contain_text("is not responding", timeout=60_000)
            form.locator("#launch").click()
            expect(form.locator("#launch-problem")).to_contain_text("is not responding", timeout=60_000)
        finally:
            api.resume()
        expect(forecast).to_contain_text("One run of", timeout=60_000)

    def test_the_same_form_launched_twice_is_two_runs(self, instrument: Instrument, page: Page) -> None:
        made = []
        for _ in range(2):
            page.goto(f"{instrument.url}/?set={QUICK}")
            expect(page.locator("#launch-forecast")).to_contain_text("One run of 2 steps.")
            page.locator("#launch").click()
            page.wait_for_url("**/watch?runs=*")
            made.append(page.url.rpartition("runs=")[2].partition("&")[0])
        page.get_by_role("link", name="Runs", exact=True).first.click()
        expect(page.locator("#launch-forecast")).to_contain_text("One run of")
        expect(page.locator("#launch-problem")).to_be_empty()
        assert made[0] != made[1]

    def test_going_back_and_launching_again_is_another_run(self, instrument: Instrument, page: Page) -> None:
        page.goto(f"{instrument.url}/?set={QUICK}")
        made = []
        for again in (True, False):
            expect(page.locator("#launch-forecast")).to_contain_text("One run of 2 steps.")
            page.locator("#launch").click()
            page.wait_for_url("**/watch?runs=*")
            made.append(page.url.rpartition("runs=")[2].partition("&")[0])
            if again:
                page.go_back()
        assert made[0] != made[1]


def test_the_training_process_says_no_traceback_where_a_folder_is_wrong(instrument: Instrument) -> None:
    done: subprocess.CompletedProcess[str] = instrument.cli(
        "train", "--set", "dataset=folder", "--set", "folder=pets[/x]"
    )
    assert done.returncode == 2
    assert "there is no folder" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
