"""Wrappers around every request that the API and the page share. Plain ASGI, without a framework."""
