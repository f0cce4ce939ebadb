"""Alembic's entrance: the steps run on the connection that `syncd.mirror.opening` hands over."""

from alembic import context
from sqlmodel import SQLModel

from syncd.mirror import tables  # noqa: F401  # fills the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, transactional_ddl=False)
context.run_migrations()
