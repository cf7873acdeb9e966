"""Runs as one HTML page that needs no network, no server and no other file."""

from rhoscope.report.page import Material, points_of, policy, write

__all__ = ["Material", "points_of", "policy", "write"]
