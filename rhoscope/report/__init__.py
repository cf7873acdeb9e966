"""Runs as one HTML page that needs no network, no server and no other file."""

from rhoscope.report.found import Found
from rhoscope.report.page import Material, Words, points_of, policy, write
from rhoscope.report.results import Results, results

__all__ = ["Found", "Material", "Results", "Words", "points_of", "policy", "results", "write"]
