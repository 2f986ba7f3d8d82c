"""Spans of models, as the library makes them, and of tools, without anything that anybody wrote."""

from opentelemetry.trace import TracerProvider
from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings

from agents.running.spans import TOOL_SPANS


def trace_agents(spans: TracerProvider | None) -> None:
    """From now on make a span of each request to a model and call of a tool; without a provider, of none."""
    TOOL_SPANS.tracer = None if spans is None else spans.get_tracer("debt-optimizer")
    if spans is None:
        Agent.instrument_all(instrument=False)
        return
    settings = InstrumentationSettings(
        tracer_provider=spans,
        include_content=False,
        include_binary_content=False,
        include_model_request_parameters=False,
    )
    Agent.instrument_all(settings)
