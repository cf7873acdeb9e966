"""Checkpoint files and the storage that holds them."""
