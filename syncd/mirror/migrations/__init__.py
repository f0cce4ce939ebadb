"""How the file's tables came to be, step by step (Alembic)."""
