"""Which language models a task may ask for, and whether they answer now."""

import asyncio

from fastapi import APIRouter, Request

from agents.running.asking.answering import is_answering
from agents.running.models import OFFLINE, ModelSource
from data.wire.model import Models, ModelView
from serve.http.bodies import JsonRoute, services_of

router = APIRouter(prefix="/v1/models", tags=["service"], route_class=JsonRoute)


@router.get("", summary="List models")
async def list_models(request: Request) -> Models:
    """What is configured, and whether it answers now; `offline` always does."""
    source = services_of(request).models
    chain = source.chain()
    names = list(dict.fromkeys((*chain, OFFLINE)))
    answers = await asyncio.gather(*(_is_answering(name, source) for name in names))
    views = [
        ModelView(name=name, is_default=name == chain[0], is_answering=answer)
        for name, answer in zip(names, answers, strict=True)
    ]
    return Models(items=views)


async def _is_answering(name: str, source: ModelSource) -> bool:
    return name == OFFLINE or await is_answering(source.endpoint(name))
