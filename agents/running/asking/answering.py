"""Whether an endpoint answers now, asked in a way that costs nothing: its list of models, and whether its engine lives.

A vLLM whose engine has died goes on to tell its list, and says at `/health` that it is dead.
"""

import asyncio

import httpx

from agents.running.models import ModelEndpoint

PATIENCE_S = 3.0
VERSION = "/v1"


async def is_answering(at: ModelEndpoint) -> bool:
    """Whether the endpoint takes our key and its engine lives, as far as it tells; within three seconds."""
    base, urls = at.base_url.rstrip("/"), [at.list_url]
    # Only vLLM's: others have none, or try every model of theirs there.
    if at.has_health and base.endswith(VERSION):
        urls.append(f"{base.removesuffix(VERSION)}/health")
    async with httpx.AsyncClient(timeout=PATIENCE_S, headers=at.headers) as client:
        listed, *health = await asyncio.gather(*(_status(client, url) for url in urls))
    is_dead = any(status is None or httpx.codes.is_server_error(status) for status in health)
    return listed is not None and httpx.codes.is_success(listed) and not is_dead


async def _status(client: httpx.AsyncClient, url: str) -> int | None:
    try:
        return (await client.get(url)).status_code
    except httpx.HTTPError:
        return None
