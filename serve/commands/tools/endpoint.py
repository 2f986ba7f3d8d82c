"""The HTTP endpoint as the tools ask it: a question, its answer, and whatever is wrong in words that name the field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from data.errors import CallerError, ServiceUnavailable
from data.wording.sentence import as_it_is

# The longest search takes 60 s, and may wait for its turn.
TIMEOUT = httpx.Timeout(300.0, connect=10.0)
SHOWN_FIELDS = 20
LONGEST_VALUE = 60
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Endpoint:
    """A service's HTTP endpoint.

    Attributes:
        url: its address. key: with which it is asked. client: makes the connection to it.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    client: Callable[..., httpx.AsyncClient] = httpx.AsyncClient

    async def ask(self, path: str, body: dict[str, Any], name_of: Callable[[str], str]) -> dict[str, Any]:
        """The answer to a question; `name_of` tells which argument a path of the body is about.

        Raises:
            CallerError: it is refused. ServiceUnavailable: nobody answers, or not as our endpoint does.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            # No proxies of the environment: the service is on this machine or named in full.
            async with self.client(base_url=self.url, headers=headers, timeout=TIMEOUT, trust_env=False) as client:
                answer = await client.post(path, json=body)
            if answer.is_success:
                return answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceUnavailable(f"{self.url} does not answer ({type(error).__name__}); is it running?") from None
        except ValueError:
            raise ServiceUnavailable(f"what answers at {self.url} is no debt-optimizer") from None
        raise CallerError(as_it_is(_refusal(answer, name_of)))


def _refusal(answer: httpx.Response, name_of: Callable[[str], str]) -> str:
    """What is wrong in all, then a line for each field with its value."""
    if not answer.headers.get("Content-Type", "").startswith(PROBLEM):
        return f"the service answered {answer.status_code}"
    problem: dict[str, Any] = answer.json()
    wrong: list[dict[str, Any]] = problem.get("errors", [])
    lines = [f"{problem['title']} ({answer.status_code}): {problem['detail']}"]
    lines += [f"- {name_of(one['path'])}: {one['message']}{_value(one)}" for one in wrong[:SHOWN_FIELDS]]
    if len(wrong) > SHOWN_FIELDS:
        lines.append(f"- and {len(wrong) - SHOWN_FIELDS} more")
    if "Retry-After" in answer.headers:
        lines.append(f"Try again in {answer.headers['Retry-After']} s.")
    return "\n".join(lines)


def _value(wrong: dict[str, Any]) -> str:
    """The value as it came, where the message does not say it and it is short."""
    value = wrong.get("value")
    is_short = isinstance(value, str | int | float) and len(str(value)) <= LONGEST_VALUE
    return f" (it was {value!r})" if is_short and str(value) not in wrong["message"] else ""
