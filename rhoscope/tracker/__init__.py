"""Reporting from a program that is not ours: a file first, then a server, and orders on the way back.

run.log -> journal (append-only file) -> composition (blocks and events) -> delivery (HTTP)
"""
