"""Alembic's way in: it keeps order and version; the SQL files do the work."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table="migrations", version_table_schema="platform_meta"
)
with context.begin_transaction():
    context.run_migrations()
