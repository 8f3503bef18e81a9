"""The single client database: clients with their contacts, history, transactions and opportunities."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

MONEY = sa.Numeric(19, 4)
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
LONG = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
OPTIONS: dict[str, Any] = {
    f"{server}_{option}": value
    for server in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}


def upgrade() -> None:
    op.create_table(
        "crm_user",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120)),
        sa.PrimaryKeyConstraint("user_id", name="pk_crm_user"),
        **OPTIONS,
    )
    op.create_table(
        "client",
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16)),
        sa.Column("status", sa.String(16)),
        sa.Column("display_name", sa.String(255)),
        sa.Column("latin_name", sa.String(255)),
        sa.Column("language", sa.String(8)),
        sa.Column("sex", sa.String(1)),
        sa.Column("birth_date", sa.Date()),
        sa.Column("legal_form", sa.String(32)),
        sa.Column("owner", sa.String(120)),
        sa.Column("branch", sa.String(120)),
        sa.Column("segment", sa.String(120)),
        sa.Column("balance", MONEY),
        sa.Column("currency", sa.String(3)),
        sa.Column("created_at", INSTANT),
        sa.Column("comment", LONG),
        sa.Column("merged_into", sa.String(64)),
        sa.ForeignKeyConstraint(["merged_into"], ["client.client_id"], name="fk_client_merged_into"),
        sa.PrimaryKeyConstraint("client_id", name="pk_client"),
        **OPTIONS,
    )
    op.create_index("ix_client_branch", "client", ["branch"])
    op.create_index("ix_client_latin_name", "client", ["latin_name"])
    op.create_index("ix_client_merged_into", "client", ["merged_into"])
    op.create_table(
        "client_name",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("script", sa.String(4)),
        sa.Column("language", sa.String(8)),
        sa.Column("full_name", sa.String(255)),
        sa.Column("given", sa.String(120)),
        sa.Column("patronymic", sa.String(120)),
        sa.Column("family", sa.String(120)),
        sa.Column("is_primary", sa.Boolean()),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_name_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_name"),
        **OPTIONS,
    )
    op.create_index("ix_client_name_client_id", "client_name", ["client_id"])
    op.create_table(
        "client_phone",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(40)),
        sa.Column("is_primary", sa.Boolean()),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_phone_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_phone"),
        **OPTIONS,
    )
    op.create_index("ix_client_phone_client_id", "client_phone", ["client_id"])
    op.create_index("ix_client_phone_phone", "client_phone", ["phone"])
    op.create_table(
        "client_email",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("is_primary", sa.Boolean()),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_email_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_email"),
        **OPTIONS,
    )
    op.create_index("ix_client_email_client_id", "client_email", ["client_id"])
    op.create_index("ix_client_email_email", "client_email", ["email"])
    op.create_table(
        "client_address",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("region", sa.String(120)),
        sa.Column("city", sa.String(120)),
        sa.Column("postal_code", sa.String(20)),
        sa.Column("street", sa.String(500)),
        sa.Column("is_primary", sa.Boolean()),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_address_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_address"),
        **OPTIONS,
    )
    op.create_index("ix_client_address_client_id", "client_address", ["client_id"])
    op.create_table(
        "client_identifier",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(32)),
        sa.Column("value", sa.String(120)),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_identifier_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_identifier"),
        **OPTIONS,
    )
    op.create_index("ix_client_identifier_client_id", "client_identifier", ["client_id"])
    op.create_index("ix_client_identifier_type_value", "client_identifier", ["type", "value"])
    op.create_table(
        "client_consent",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16)),
        sa.Column("allowed", sa.String(3)),
        sa.Column("since", sa.Date()),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_consent_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_consent"),
        **OPTIONS,
    )
    op.create_index("ix_client_consent_client_id", "client_consent", ["client_id"])
    op.create_table(
        "interaction",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("legacy_source", sa.String(40)),
        sa.Column("legacy_key", sa.String(400)),
        sa.Column("occurred_at", INSTANT),
        sa.Column("channel", sa.String(16)),
        sa.Column("direction", sa.String(8)),
        sa.Column("subject", LONG),
        sa.Column("owner", sa.String(120)),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_interaction_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_interaction"),
        **OPTIONS,
    )
    op.create_index("ix_interaction_client_id", "interaction", ["client_id"])
    op.create_index("ix_interaction_legacy_source_legacy_key", "interaction", ["legacy_source", "legacy_key"])
    op.create_table(
        "client_transaction",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("legacy_source", sa.String(40)),
        sa.Column("legacy_key", sa.String(400)),
        sa.Column("occurred_at", INSTANT),
        sa.Column("document", sa.String(120)),
        sa.Column("type", sa.String(32)),
        sa.Column("amount", MONEY),
        sa.Column("currency", sa.String(3)),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_client_transaction_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_client_transaction"),
        **OPTIONS,
    )
    op.create_index("ix_client_transaction_client_id", "client_transaction", ["client_id"])
    op.create_index(
        "ix_client_transaction_legacy_source_legacy_key", "client_transaction", ["legacy_source", "legacy_key"]
    )
    op.create_table(
        "opportunity",
        sa.Column("row_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("legacy_source", sa.String(40)),
        sa.Column("legacy_key", sa.String(400)),
        sa.Column("opened_at", INSTANT),
        sa.Column("title", sa.String(500)),
        sa.Column("stage", sa.String(16)),
        sa.Column("amount", MONEY),
        sa.Column("currency", sa.String(3)),
        sa.Column("expected_close", sa.Date()),
        sa.Column("owner", sa.String(120)),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name="fk_opportunity_client_id"),
        sa.PrimaryKeyConstraint("row_id", name="pk_opportunity"),
        **OPTIONS,
    )
    op.create_index("ix_opportunity_client_id", "opportunity", ["client_id"])
    op.create_index("ix_opportunity_legacy_source_legacy_key", "opportunity", ["legacy_source", "legacy_key"])
