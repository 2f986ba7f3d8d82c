"""Ray's head, as it is asked over HTTP: how it is guarded, which nodes there are, and what is deployed."""

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx
from ray._raylet import AuthenticationTokenLoader  # pyright: ignore[reportAttributeAccessIssue] (compiled)
from ray.dashboard.modules.serve.sdk import ServeSubmissionClient
from ray.exceptions import AuthenticationError
from ray.serve.schema import ServeDeploySchema, ServeInstanceDetails

from data.errors import OperatorError, ServiceUnavailable

PATIENCE_S = 20.0
GUARDED = "token"


class Head:
    """The head of a cluster, asked with Ray's token of this machine."""

    def __init__(self, address: str) -> None:
        """Ask at this address, which is Ray's dashboard's; nothing is asked yet."""
        self.address = address.rstrip("/")
        # Whatever RAY_AUTH_MODE says in this shell: the token is sent to a head that wants one.
        self._token: Mapping[str, str] = AuthenticationTokenLoader.instance().get_token_for_http_header(
            ignore_auth_mode=True
        )

    @property
    def has_token(self) -> bool:
        """True where this machine has a token: RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token."""
        return bool(self._token)

    def is_guarded(self) -> bool:
        """True where it takes nobody without the token.

        Raises:
            ServiceUnavailable: nobody answers.
        """
        return self._get("/api/authentication_mode").json()["authentication_mode"] == GUARDED

    def nodes(self) -> int:
        """How many nodes there are.

        Raises:
            OperatorError: it does not take our token.
        """
        answer = self._get("/api/v0/nodes?limit=10000")
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise OperatorError(f"the head at {self.address} does not take the token of this machine")
        return sum(node["state"] == "ALIVE" for node in answer.json()["data"]["result"]["result"])

    def deploy(self, config: ServeDeploySchema) -> None:
        """Tell it what is to run; what runs so already is let be."""
        self._asked(lambda: self._client.deploy_applications(config.model_dump(exclude_unset=True, mode="json")))

    def details(self) -> ServeInstanceDetails:
        """What is deployed, and how it fares."""
        return ServeInstanceDetails.model_validate(self._asked(self._client.get_serve_details))

    @cached_property
    def _client(self) -> ServeSubmissionClient:
        return ServeSubmissionClient(self.address, headers=dict(self._token))

    def _get(self, path: str) -> httpx.Response:
        try:
            return httpx.get(f"{self.address}{path}", headers=self._token, timeout=PATIENCE_S, trust_env=False)
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ServiceUnavailable(f"no head of Ray answers at {self.address} ({type(error).__name__})") from error

    def _asked(self, ask: Any) -> Any:
        try:
            return ask()
        except AuthenticationError as error:
            raise OperatorError(f"the head at {self.address} does not take the token of this machine") from error
        except (ConnectionError, OSError) as error:  # requests' errors are OSErrors
            raise ServiceUnavailable(f"the head at {self.address} does not answer any more") from error
        except RuntimeError as error:
            raise OperatorError(f"Ray refuses: {_last_line(str(error))}") from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"
