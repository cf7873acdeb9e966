"""Runs as one HTML page that needs no network, no server and no other file."""

from rhoscope.report.page import Material, Words, points_of, policy, write
from rhoscope.report.results import Results, results
from rhoscope.report.search import SearchResults

__all__ = ["Material", "Results", "SearchResults", "Words", "points_of", "policy", "results", "write"]
