"""Which revision the tables have, and the revisions applied by program: no alembic.ini, no command line."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from data.errors import NotMigrated
from data.wording.sentence import Sentence, say


@dataclass(frozen=True)
class Schema:
    """Which tables there are, and which this version works with.

    Attributes:
        found: the revision of the tables; None where there are none.
        needed: the newest revision that this version knows.
    """

    found: str | None
    needed: str

    @property
    def is_current(self) -> bool:
        """True where this version can work with the tables."""
        return self.found == self.needed

    @property
    def is_newer(self) -> bool:
        """True where a newer version of the program has made the tables."""
        return self.found is not None and self.found not in revisions()

    @property
    def mend(self) -> Sentence:
        """What is wrong with the tables, and what to do."""
        if self.found is None:
            return say("schema_missing")
        if self.is_newer:
            return say("schema_newer", found=self.found, needed=self.needed)
        return say("schema_older", found=self.found, needed=self.needed)

    def need_current(self) -> None:
        """Raise NotMigrated unless this version can work with the tables."""
        if not self.is_current:
            raise NotMigrated(self.mend)


@cache
def revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def schema_of(connection: Connection) -> Schema:
    """Which tables there are; nothing is changed."""
    return Schema(MigrationContext.configure(connection).get_current_revision(), revisions()[0])


def upgrade(connection: Connection) -> Schema:
    """Bring the tables to the newest revision, inside the connection's transaction; what was found before.

    Raises:
        NotMigrated: the tables were made by a newer version of the program.
    """
    found = schema_of(connection)
    if found.is_newer:
        found.need_current()
    if not found.is_current:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return found


def _config() -> Config:
    config = Config()
    # ConfigParser reads % as the start of a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
