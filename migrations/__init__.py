"""Alembic's migrations, run by kit.schema. Invariant: the schema changes in no other way."""
