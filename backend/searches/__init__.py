"""Searches: Optuna chooses the trials of a sweep from what earlier ones came to; the store is the truth."""
