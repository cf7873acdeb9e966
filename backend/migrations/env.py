"""Run by alembic: the connection comes from `backend.store.engine.Store.open`."""

from alembic import context

from backend.store.setting_schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
