"""Apply the revisions, by program: no alembic.ini, no command line."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from data.errors import OperatorError


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest revision, inside the connection's transaction.

    Raises:
        OperatorError: the tables were made by a newer version of the program.
    """
    config = Config()
    # ConfigParser reads % as the start of a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise OperatorError(f"The records were written by a newer version of DebtOptimizer: {error}") from error
