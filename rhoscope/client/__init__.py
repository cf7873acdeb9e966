"""The REST API from Python: `Client`, and one file for each group of its calls."""

from rhoscope.client.client import Client

__all__ = ["Client"]
