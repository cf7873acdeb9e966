"""The language all of rhoscope's programs share; knows nothing of torch, servers or pages."""

from rhoscope.client import Client

__all__ = ["Client"]
__version__ = "0.2.0"
"""The version of every program; the build, `rhoscope --version`, OpenAPI and the documentation read it."""
