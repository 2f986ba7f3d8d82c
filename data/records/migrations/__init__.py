"""The tables' history: Alembic's revisions in `versions/`, applied by `upgrade.py`."""
