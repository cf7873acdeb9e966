"""Measures and modulations that our own training and a user's loop share, line by line."""
