"""Take the pictures of the README from the running product: `make screenshots`.

Starts rhoscope on a fresh data directory, trains for real, drives Chromium, and writes PNG files and one
animation beside this file.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "driving"))
from instrument import Instrument  # noqa: E402 -- found by the line above

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
FRAMES, FRAME_S, WIDTH = 32, 0.25, 880
SETTLE_MS = 2500
SCREENS = {"light": (1280, 1180), "dark": (1280, 1180), "wide": (1920, 1080), "phone": (390, 844)}
RUN = {"strategy": "ogm-ge", "noise_budget_every": 5, "baseline_epochs": 3, "epochs": 6}


def main() -> None:
    """Every view on every screen, then the animation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of views, comma-separated; default: all")
    parser.add_argument("--into", type=Path, default=HERE, help="folder for the pictures")
    options = parser.parse_args()
    only = {name for name in options.only.split(",") if name}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        instrument = Instrument(Path(folder))
        instrument.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            views = trained(instrument)
            for name, path in views.items():
                if not only or name in only:
                    for screen in SCREENS:
                        shoot(browser, instrument.url + path, options.into / f"{name}-{screen}.png", screen)
            if not only:
                with page_of(browser, (1280, 900), "light") as page:
                    animate(page, instrument, options.into / "live.gif")
        finally:
            browser.close()
            instrument.stop()


def trained(instrument: Instrument) -> dict[str, str]:
    """The addresses of the views by name, once there are runs to be seen in them."""
    client = instrument.client
    joint = client.launch({"strategy": "joint", "name": "joint", "tags": ["baseline"]}).id
    rich = client.launch({**RUN, "name": "OGM-GE, all instruments", "tags": ["paper"]}).id
    grid = {"strategy": ["ogm-ge"], "alpha": [0.1, 0.8, 1.5], "seed": [0, 1]}
    sweep = client.sweep({"name": "How strong should alpha be?", "grid": grid})
    runs = [joint, rich, *(run.id for run in sweep.runs)]
    for run in runs:
        instrument.until(run, timeout_s=600)
    everything = ",".join(runs[:1] + runs[2:])
    return {
        "runs": "/",
        "watch": f"/watch?runs={joint},{rich}",
        "run": f"/watch?runs={rich}&open=story,settings",
        "instruments": f"/watch?runs={rich}&board=order,needle,phase,classes,baseline,layers,budget",
        "compare": f"/compare?runs={everything}",
        "sweep": f"/sweeps?sweep={sweep.id}",
        "workers": "/workers",
    }


@contextmanager
def page_of(browser: Browser, size: tuple[int, int], scheme: str) -> Iterator[Page]:
    """A fresh page in light or dark."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    yield context.new_page()
    context.close()


def shoot(browser: Browser, url: str, file: Path, screen: str) -> None:
    """One picture, once everything is drawn."""
    with page_of(browser, SCREENS[screen], "dark" if screen == "dark" else "light") as page:
        page.goto(url)
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=file)


def animate(page: Page, instrument: Instrument, file: Path) -> None:
    """Three alphas launched from the form, watched live."""
    page.goto(instrument.url)
    page.locator("#setting-alpha").fill("0.1, 0.8, 1.5")
    page.locator("#launch").click()
    page.wait_for_url("**/watch?runs=*")
    page.wait_for_function("() => Object.values(window.rhoscope.stats.runs).some((r) => r.rows > 5)")
    frames = []
    for _ in range(FRAMES):
        began = time.monotonic()
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        frames.append(picture.resize((WIDTH, picture.height * WIDTH // picture.width)))
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - began)))
    palette = shared_palette(frames)
    palette[0].save(
        file,
        save_all=True,
        append_images=palette[1:],
        duration=int(1000 * FRAME_S),
        loop=0,
        optimize=True,
    )


def shared_palette(frames: list[Image.Image]) -> list[Image.Image]:
    """The frames in one palette, made from a strip of the first, the middle and the last of them."""
    chosen = [frames[0], frames[len(frames) // 2], frames[-1]]
    strip = Image.new("RGB", (frames[0].width, sum(frame.height for frame in chosen)))
    for place, frame in enumerate(chosen):
        strip.paste(frame, (0, place * frame.height))
    palette = strip.quantize(192, method=Image.Quantize.MAXCOVERAGE)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


if __name__ == "__main__":
    main()
