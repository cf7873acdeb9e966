"""Debian's Chromium: whole, and without windows, which nobody sees here and which cost a third of it."""

from pathlib import Path


def _first(*names: str) -> Path:
    places = [Path("/usr/bin") / name for name in names]
    return next((place for place in places if place.exists()), places[0])


WHOLE = _first("chromium", "google-chrome")
EXECUTABLE = _first("chromium-headless-shell", "chromium", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
# A page of a test lives for seconds: what its program gains from being optimized costs more than that.
FLAGS += ["--js-flags=--no-opt,--no-maglev"]
# A page that another one of its context has compiled all programs for need not do it again.
FLAGS += ["--process-per-site"]
