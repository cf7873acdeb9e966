"""Debian's Chromium, without its windows where that package is there: nobody sees them, and a page takes a
third less work."""

from pathlib import Path

_PLACES = [
    Path("/usr/bin/chromium-headless-shell"),
    Path("/usr/bin/chromium"),
    Path("/usr/bin/google-chrome"),
]
EXECUTABLE = next((place for place in _PLACES if place.exists()), _PLACES[0])
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
