"""Alembic's entry: runs the migrations on the connection that :mod:`crm_etl.load.targets.upgrade` hands over."""

from alembic import context

from crm_etl.load.targets import crm

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=crm.METADATA,
    version_table=crm.VERSION_TABLE,
)
context.run_migrations()
