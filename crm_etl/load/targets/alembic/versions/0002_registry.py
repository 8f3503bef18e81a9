"""The registry: batches, what was loaded, what each batch changed, and which client holds which record."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
LONG = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
OPTIONS: dict[str, Any] = {
    f"{server}_{option}": value
    for server in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}


def upgrade() -> None:
    op.create_table(
        "crm_etl_batch",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("plan_id", sa.String(64), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT),
        sa.Column("counts", LONG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crm_etl_batch"),
        **OPTIONS,
    )
    op.create_table(
        "crm_etl_crosswalk",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="pk_crm_etl_crosswalk"),
        **OPTIONS,
    )
    op.create_index("ix_crm_etl_crosswalk_batch_id", "crm_etl_crosswalk", ["batch_id"])
    op.create_index("ix_crm_etl_crosswalk_client_id", "crm_etl_crosswalk", ["client_id"])
    op.create_table(
        "crm_etl_loaded",
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("row_values", LONG, nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "row_id", name="pk_crm_etl_loaded"),
        **OPTIONS,
    )
    op.create_index("ix_crm_etl_loaded_batch_id", "crm_etl_loaded", ["batch_id"])
    op.create_table(
        "crm_etl_change",
        sa.Column("batch_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("row_id", sa.String(450), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("before_values", LONG),
        sa.Column("after_values", LONG),
        sa.PrimaryKeyConstraint("batch_id", "table_name", "row_id", name="pk_crm_etl_change"),
        **OPTIONS,
    )
    op.create_table(
        "crm_etl_event",
        sa.Column("batch_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("other_id", sa.String(64)),
        sa.Column("reason", LONG),
        sa.PrimaryKeyConstraint("batch_id", "position", name="pk_crm_etl_event"),
        **OPTIONS,
    )
