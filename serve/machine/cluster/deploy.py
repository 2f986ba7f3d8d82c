"""The application deployed to a running cluster, and waited for until it answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

import httpx
from ray.serve.schema import ApplicationDetails, ApplicationStatus, ServeDeploySchema, ServeInstanceDetails

from data.errors import OperatorError, ServiceUnavailable
from serve.app import APPLICATION
from serve.machine.cluster.head import Head

ASK_EVERY_S = 1.0
PATIENCE_S = 6.0  # the endpoint waits two seconds for each of its parts
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Deployed:
    """Where the service answers.

    Attributes:
        was_asked: it has said from here that it is ready; False where its addresses cannot be reached from here.
    """

    urls: list[str]
    was_asked: bool


def begin(head: Head, config: ServeDeploySchema) -> float | None:
    """Tell the head what is to run; when it was told so before, if ever."""
    before = head.details().applications.get(APPLICATION)
    head.deploy(config)
    return before.last_deployed_time_s if before else None


def wait(head: Head, told_before: float | None, within_s: float, say: Callable[[str], None]) -> Deployed:
    """Wait until it is ready; what it waits for is said when it changes.

    Raises:
        OperatorError: it cannot start, and why. ServiceUnavailable: it is not ready in time.
    """
    ends, last = monotonic() + within_s, ""
    while True:
        details = head.details()
        state = _state(details.applications.get(APPLICATION), told_before)
        urls = _urls(details) if state is None else []
        answers = [_readiness(url) for url in urls]
        if urls and any(answer == "" for answer in answers):
            return Deployed(urls, was_asked=True)
        if urls and all(answer is None for answer in answers):
            return Deployed(urls, was_asked=False)
        state = state or next((answer for answer in answers if answer), "the proxies are starting")
        if state != last:
            say(f"  {state}")
            last = state
        if monotonic() > ends:
            raise ServiceUnavailable(f"it is not ready after {within_s:.0f} s: {state}; it goes on starting")
        sleep(ASK_EVERY_S)


def _state(application: ApplicationDetails | None, told_before: float | None) -> str | None:
    """What it waits for; None once every replica that it begins with runs.

    Raises:
        OperatorError: Ray has given it up.
    """
    if application is None:
        return "Ray is taking it on"
    if application.status is ApplicationStatus.DEPLOY_FAILED and application.last_deployed_time_s != told_before:
        raise OperatorError(f"it cannot start: {_why(application)}")
    if application.status is not ApplicationStatus.RUNNING:
        waiting = [name for name, each in application.deployments.items() if each.status != "HEALTHY"]
        return f"starting {', '.join(waiting)}" if waiting else "Ray builds the application"
    return None


def _why(application: ApplicationDetails) -> str:
    """The error at the end of what Ray says, which is a whole trace."""
    said = [application.message, *(each.message for each in application.deployments.values())]
    lines = [line.strip() for text in said for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]+(Error|Setting|Unavailable|Exception|NotMigrated): ", line)]
    return (errors or lines or ["Ray does not say why"])[-1]


def _urls(details: ServeInstanceDetails) -> list[str]:
    """Where proxies answer: on this machine alone, or on each node that has one."""
    options = details.http_options
    host, port = (options.host, options.port) if options else ("127.0.0.1", 8000)
    nodes = [proxy.node_ip for proxy in details.proxies.values() if proxy.status == "HEALTHY" and proxy.node_ip]
    if host in LOCAL:
        return [f"http://{host}:{port}"] if nodes else []
    return [f"http://{node}:{port}" for node in sorted(nodes)]


def _readiness(url: str) -> str | None:
    """Empty where it is ready, else why not; None where it cannot be asked from here."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=PATIENCE_S, trust_env=False)
        told = answer.json()
        reasons = [reason["detail"] for reason in told.get("reasons", [])]
        missing = [part for part, state in told["parts"].items() if state == "not_ready"]
    except httpx.TransportError:
        return None
    except (ValueError, KeyError, AttributeError):
        return f"{url} does not answer as it should yet"
    return "; ".join(reasons) or (f"not ready: {', '.join(missing)}" if missing else "")
