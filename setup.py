"""What setuptools can't read from pyproject.toml: a wheel holds the package `rhoscope` and nothing else.

Only an editable install, as `make run` makes it, has the servers and the trainer: `trainer`, `backend`, and
`dashboard` are names that a user's own files may have.
"""

from setuptools import setup
from setuptools.command.build_py import build_py


class Library(build_py):
    """Leaves the other packages out, unless the install is editable."""

    def finalize_options(self) -> None:
        """Called once, when all options are known."""
        super().finalize_options()
        if not self.editable_mode:
            self.packages = [name for name in self.packages or [] if name.split(".")[0] == "rhoscope"]


setup(cmdclass={"build_py": Library})
