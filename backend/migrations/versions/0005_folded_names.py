"""Names of runs as they are searched for, in every language."""

import sqlalchemy as sa
from alembic import op

from backend.store.search import folded

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("runs", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    runs = sa.table("runs", sa.column("id"), sa.column("name"), sa.column("folded"))
    db = op.get_bind()
    names = [{"run": row.id, "as_searched": folded(row.name)} for row in db.execute(sa.select(runs)).all()]
    if names:
        change = sa.update(runs).where(runs.c.id == sa.bindparam("run"))
        db.execute(change.values(folded=sa.bindparam("as_searched")), names)
