"""The connection to Redis or Valkey: short retries, and errors that say which server failed and what to do.

Uses only what Redis 6.2 knows.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import AuthenticationError, RedisError

from data.errors import BadSetting, ServiceUnavailable

SOCKET_TIMEOUT_S = 10.0  # longer than any blocking read
LONGEST_BLOCK_S = 2.0
RETRIES = 3
MAX_CONNECTIONS = 32  # those who come when all are busy wait their turn


RedisClient: TypeAlias = Redis  # for those who may not know the library


def connect(url: str) -> Redis:
    """A client of strings; nothing is opened before the first command.

    Raises:
        BadSetting: it is no Redis URL.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=SOCKET_TIMEOUT_S,
            decode_responses=True,
            # RESP2 on every server: under RESP3 answers about streams have another shape.
            protocol=2,
            socket_connect_timeout=2.0,
            socket_timeout=SOCKET_TIMEOUT_S,
            health_check_interval=15,
            retry=Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.5), RETRIES),
        )
        return Redis.from_pool(pool)
    except ValueError as error:
        raise BadSetting("REDIS_URL is no Redis URL; write for example redis://127.0.0.1:6379/0") from error


@contextmanager
def explained(client: Redis) -> Generator[None]:
    """Turn the client's errors into ours, which name the server and what to do."""
    try:
        yield
    except AuthenticationError as error:
        raise ServiceUnavailable(f"Redis at {_place(client)} refuses the password; see REDIS_URL.") from error
    except (RedisError, OSError) as error:
        said = str(error) or type(error).__name__
        raise ServiceUnavailable(f"Redis at {_place(client)} does not serve: {said}. It is asked again.") from error


def answers(url: str) -> bool:
    """True when a server at the URL answers a ping now; for those who start or watch one."""
    # No retries: whoever starts or watches a server asks again anyway, and wants to know now.
    client = redis.Redis.from_url(url, socket_connect_timeout=1.0, socket_timeout=1.0, retry=None, protocol=2)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


def place(url: str) -> str:
    """The URL without its password, to show."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"


StreamEntry = tuple[str, dict[str, str]]


def entries_by_stream(answer: Any) -> dict[str, list[StreamEntry]]:
    """What a read of streams found: the client answers nothing, a list, or a dict (of pages), by its version."""
    streams = answer.items() if isinstance(answer, dict) else answer or []
    found: dict[str, list[StreamEntry]] = {}
    for name, entries in streams:
        is_paged = bool(entries) and isinstance(entries[0], list)
        found[name] = [entry for page in entries for entry in page] if is_paged else [*entries]
    return found


def _place(client: Redis) -> str:
    options = client.connection_pool.connection_kwargs
    return f"{options.get('host', 'its socket')}:{options.get('port', 6379)}"
