"""One attempt at a run: its assembly, its training loop, its progress, and what may interrupt it."""
