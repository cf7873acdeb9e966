"""Whole tables of runs: planned in a file, trained through the API, reported with their uncertainty."""
