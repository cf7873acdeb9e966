"""Take the pictures of the README from the running product: `make screenshots`.

Starts rhoscope on a fresh data directory, trains for real, drives Chromium, and writes PNG files and one
animation beside this file.
"""

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
VIEWS = {"light": (1280, 1180), "dark": (1280, 1180), "wide": (1920, 1080), "phone": (390, 844)}


def main() -> None:
    """Pictures of the first page and of two runs beside each other, then the animation."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        instrument = Instrument(Path(folder))
        instrument.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            runs = train_two(instrument)
            for name, size in VIEWS.items():
                with page_of(browser, size, "dark" if name == "dark" else "light") as page:
                    shoot(page, f"{instrument.url}/", f"launch-{name}")
                    shoot(page, f"{instrument.url}/watch?runs={','.join(runs)}", f"watch-{name}")
            with page_of(browser, (1280, 900), "light") as page:
                animate(page, instrument)
        finally:
            browser.close()
            instrument.stop()


def train_two(instrument: Instrument) -> list[str]:
    """A default joint run and a default OGM-GE run, to their ends."""
    runs = [instrument.client.launch({"strategy": s}).id for s in ("joint", "ogm-ge")]
    for run in runs:
        instrument.until(run, timeout_s=300)
    return runs


@contextmanager
def page_of(browser: Browser, size: tuple[int, int], scheme: str) -> Iterator[Page]:
    """A fresh page in light or dark."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    yield context.new_page()
    context.close()


def shoot(page: Page, url: str, name: str) -> None:
    """One picture, once everything is drawn."""
    page.goto(url)
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=HERE / f"{name}.png")


def animate(page: Page, instrument: Instrument) -> None:
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
        HERE / "live.gif",
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
