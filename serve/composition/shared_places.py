"""What all nodes of a cluster must share, and refused where each would have its own."""

from pathlib import Path

from data.errors import BadSetting
from serve.settings import Settings


def need_shared_places(nodes: int, settings: Settings | None = None) -> None:
    """Make sure that so many nodes find the same records and the same files of batches.

    Raises:
        BadSetting: each node would have its own, with keys and tasks that the others do not know.
    """
    settings = settings or Settings.load()
    wrong = own_places(settings) if nodes > 1 else []
    if wrong:
        raise BadSetting(f"the cluster has {nodes} nodes: {'; '.join(wrong)}")


def own_places(settings: Settings) -> list[str]:
    """What each node would have for itself, each with the mend."""
    wrong = []
    if settings.database_url.startswith("sqlite"):
        wrong.append(
            "DATABASE_URL is a SQLite file, of which each node would have its own: "
            "set it to a Postgres that every node reaches, and run `debt-optimizer migrate`"
        )
    place = settings.batches_dir
    if isinstance(place, Path) and not settings.batches_shared:
        wrong.append(
            f"each node would have its own folder {place} for batches: set BATCHES to a bucket, s3://BUCKET/PREFIX, or "
            "to a folder on a disk that every node shares, and say so with BATCHES_SHARED=true"
        )
    return wrong
