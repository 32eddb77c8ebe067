"""Alembic's entry: migrates on the connection that `opening` hands over, within its transaction."""

from alembic import context

from sparring.adapters.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
