"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "checkouts",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("checkouts_changed", "checkouts", ["store", "updated_at"], unique=False)
    op.create_index(
        "checkouts_of_customer",
        "checkouts",
        ["store", "customer_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("completed_at IS NULL"),
    )
    op.create_table(
        "contact_labels",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("target", "subject", "label_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("contact_labels_holders", "contact_labels", ["target", "label_key", "subject"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("changed_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("contacts_changed", "contacts", ["target", "changed_at"], unique=False)
    op.create_table(
        "cursors",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("pulled_at", sa.Integer(), nullable=True),
        sa.Column("failed_at", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "feed"),
    )
    op.create_table(
        "customer_addresses",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("province", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("city_key", sa.String(), nullable=True),
        sa.Column("zip", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("store", "customer_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "company_contacts",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("company_contacts_changed", "company_contacts", ["store", "updated_at"], unique=False)
    op.create_table(
        "credit_owners",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("credit_owners_changed", "credit_owners", ["store", "updated_at"], unique=False)
    op.create_table(
        "customer_companies",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "customer_id", "company_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_credit",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "customer_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_metafields",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("store", "customer_id", "namespace", "key", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "customer_tags",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("tag_key", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("store", "customer_id", "tag_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("customer_tags_holders", "customer_tags", ["store", "tag_key", "customer_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("email_domain", sa.String(), nullable=True),
        sa.Column("email_consent", sa.String(), nullable=True),
        sa.Column("email_consent_at", sa.Integer(), nullable=True),
        sa.Column("sms_consent", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("account_state", sa.String(), nullable=True),
        sa.Column("verified_email", sa.Boolean(), nullable=False),
        sa.Column("number_of_orders", sa.Integer(), nullable=False),
        sa.Column("amount_spent", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("product_subscription", sa.String(), nullable=True),
        sa.Column("spend_tier", sa.String(), nullable=True),
        sa.Column("rfm_group", sa.String(), nullable=True),
        sa.Column("last_order_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("customers_changed", "customers", ["store", "updated_at"], unique=False)
    op.create_index("customers_email", "customers", ["email_key", "store", "id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("adds", sa.Integer(), nullable=False),
        sa.Column("removes", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("approved_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("target", "label_key"),
    )
    op.create_table(
        "labels",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("first_push_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key"),
    )
    op.create_table(
        "ledger",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lines",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("vendor", sa.String(), nullable=True),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("current_quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("gift_card", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("store", "order_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "members",
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment", "store", "customer_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("members_of_customer", "members", ["store", "customer_id", "segment"], unique=False)
    op.create_table(
        "memos",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key"),
    )
    op.create_table(
        "metafield_owners",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("metafield_owners_changed", "metafield_owners", ["store", "updated_at"], unique=False)
    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("moves_of_customer", "moves", ["store", "customer_id"], unique=False)
    op.create_table(
        "order_discounts",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("store", "order_id", "code_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_tags",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("tag_key", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("store", "order_id", "tag_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "orders",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("processed_at", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.Integer(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("current_total", sa.Integer(), nullable=False),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("financial_status", sa.String(), nullable=True),
        sa.Column("source_name", sa.String(), nullable=True),
        sa.Column("app_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("orders_changed", "orders", ["store", "updated_at"], unique=False)
    op.create_index(
        "orders_of_customer",
        "orders",
        ["store", "customer_id", "processed_at"],
        unique=False,
        sqlite_where=sa.text("counts = 1"),
    )
    op.create_index(
        "orders_of_email",
        "orders",
        ["store", "email_key", "processed_at"],
        unique=False,
        sqlite_where=sa.text("counts = 1"),
    )
    op.create_table(
        "product_collections",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("store", "product_id", "collection_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_tags",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("tag_key", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("store", "product_id", "tag_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "products",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("vendor", sa.String(), nullable=True),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("category_id", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("store", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("products_changed", "products", ["store", "updated_at"], unique=False)
    op.create_table(
        "refusals",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key", "subject", "action"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_changes_of_run", "run_changes", ["run"], unique=False)
    op.create_index("run_changes_of_subject", "run_changes", ["subject"], unique=False)
    op.create_table(
        "released",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("label_key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("creation", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("target", "label_key", "subject", "action"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("started_at", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "segments",
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=True),
        sa.Column("failed_at", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("segment", "store"),
    )
    op.create_table(
        "stores",
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("orders_visible_from", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("store"),
    )
