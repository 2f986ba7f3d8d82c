"""Which language models a task may ask for, and whether they answer now."""

import asyncio

import httpx
from fastapi import APIRouter, Request

from agents.running.models import OFFLINE, ModelSource
from data.wire.model import Models, ModelView
from serve.http.bodies import JsonRoute, services_of

PATIENCE_S = 3.0

router = APIRouter(prefix="/v1/models", tags=["service"], route_class=JsonRoute)


@router.get("", summary="List models")
async def list_models(request: Request) -> Models:
    """What is configured, and whether it answers now; `offline` always does."""
    source = services_of(request).models
    names = list(dict.fromkeys((source.spec, OFFLINE)))
    answers = await asyncio.gather(*(_is_answering(name, source) for name in names))
    views = [
        ModelView(name=name, is_default=name == source.spec, is_answering=answer)
        for name, answer in zip(names, answers, strict=True)
    ]
    return Models(items=views)


async def _is_answering(name: str, source: ModelSource) -> bool:
    """Ask the model's endpoint for its list, which costs nothing."""
    if name == OFFLINE:
        return True
    at = source.endpoint(name)
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(
                f"{at.base_url.rstrip('/')}/models", headers={"Authorization": f"Bearer {at.api_key}"}
            )
    except httpx.HTTPError:
        return False
    return answer.is_success
