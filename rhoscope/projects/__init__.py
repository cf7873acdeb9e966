"""Programs of users: what `rhoscope.yaml` in a project's folder declares, and how its program is started.

file -> declarations -> Project: a plug-in of the catalog for everybody, a command for the worker alone.
"""
