"""One trace from a request over the queue to each attempt, the agent's turns, its tools and the model.

Loaded only where the operator asks for traces. What leaves is told here name by name: a library's next version may put
whatever it likes into its spans, and still no name, amount, question or answer of a client goes out.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers
from typing_extensions import override

from data.wire.agent_run import AgentRun, RunAgent
from data.wire.task_result import TaskResult

LOG = logging.getLogger(__name__)
PATIENCE_S = 3.0
PROPAGATOR = TraceContextTextMapPropagator()
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
TOOL = "gen_ai.tool.name"
TOLD = frozenset({
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.model",
    "gen_ai.system",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "network.protocol.name",
    "network.protocol.version",
    "task.attempt",
    "task.id",
    "task.model",
    "task.type",
    TOOL,
    "url.scheme",
})  # fmt: skip


class DiscreetExporter(SpanExporter):
    """Hands spans on with nothing in them but what may be told.

    Left out are addresses with their queries, messages of errors, events, and names of tools that a model has invented.
    """

    def __init__(self, exporter: SpanExporter, tools: frozenset[str]) -> None:
        """Hand them to this exporter; these are the tools that there are."""
        self._exporter = exporter
        self._tools = tools

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([self._discreet(span) for span in spans])

    @override
    def shutdown(self) -> None:
        self._exporter.shutdown()

    @override
    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _discreet(self, span: ReadableSpan) -> ReadableSpan:
        told = {name: value for name, value in (span.attributes or {}).items() if name in TOLD}
        is_invented = TOOL in told and told[TOOL] not in self._tools
        if is_invented:
            del told[TOOL]
        return ReadableSpan(
            name="execute_tool" if is_invented else span.name,
            context=span.get_span_context(),
            parent=span.parent,
            resource=span.resource,
            attributes=told,
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )


class Traces:
    """The spans of one process, on their way to the collector: gathered and sent behind whatever happens."""

    def __init__(self, exporter: SpanExporter, who: dict[str, str], tools: frozenset[str] = frozenset()) -> None:
        """Send through this exporter; `who` are the attributes of this process."""
        # Of its own, never the global one: what other libraries trace for themselves is not ours to send.
        self.spans = TracerProvider(resource=Resource.create({**who}), shutdown_on_exit=False)
        self.spans.add_span_processor(BatchSpanProcessor(DiscreetExporter(exporter, tools)))
        self.tracer = self.spans.get_tracer("debt-optimizer")

    @property
    def of_requests(self) -> TelemetryConfig:
        """What FastAPI is told, so that it makes a span of each request."""
        return TelemetryConfig(
            tracer_provider=self.spans,
            tracing=True,
            operation_spans=False,
            metrics=False,
            logs=False,
            auto_configure=False,
            exclude=lambda scope: scope.get("path") in PROBES,
        )

    def here(self) -> str | None:
        """Where one is in a trace now, as W3C's `traceparent`; None outside of any."""
        carrier: dict[str, str] = {}
        PROPAGATOR.inject(carrier)
        return carrier.get("traceparent")

    def trace_id(self) -> str | None:
        """The trace that one is in now, if any."""
        context = get_current_span().get_span_context()
        return format_trace_id(context.trace_id) if context.is_valid else None

    def traced(self, agent: RunAgent, default_model: str) -> RunAgent:
        """The agent, each attempt a span within the trace of the request that asked for it."""
        return TracedAgent(agent, default_model, self)

    async def close(self) -> None:
        """Send what is left, for a moment."""
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self.spans.shutdown), PATIENCE_S)


@dataclass(frozen=True)
class TracedAgent:
    """What runs an agent, each attempt as a span within the trace of the request that asked for it.

    Attributes:
        default_model: of a task that names none.
    """

    agent: RunAgent
    default_model: str
    traces: Traces

    async def __call__(self, run: AgentRun) -> TaskResult | dict[str, Any]:
        """The task's result."""
        request = run.request
        attributes = {"task.id": run.task_id, "task.type": request.type.value, "task.attempt": run.attempt}
        with (
            self.traces.tracer.start_as_current_span(
                f"attempt {request.type.value}",
                context=PROPAGATOR.extract({"traceparent": run.traceparent or ""}),
                kind=SpanKind.CONSUMER,
                attributes={**attributes, "task.model": request.model or self.default_model},
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            _ErrorsByKind(span),
        ):
            return await self.agent(run)


@dataclass(frozen=True)
class _ErrorsByKind:
    """What fails in its block is told on the span by its kind only: a message may hold what a client has written."""

    span: Span

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            return
        self.span.set_attribute("error.type", kind.__qualname__)
        # One that is cancelled or handed back has not failed.
        if isinstance(error, Exception):
            self.span.set_status(StatusCode.ERROR)


def otlp_traces(endpoint: str, headers: str, who: dict[str, str], tools: frozenset[str] = frozenset()) -> Traces:
    """Traces that go to an OTLP collector over HTTP; `headers` as in `OTEL_EXPORTER_OTLP_HEADERS`."""
    return Traces(OTLPSpanExporter(endpoint, headers=parse_env_headers(headers, liberal=True)), who, tools)
