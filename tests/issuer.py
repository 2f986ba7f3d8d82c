"""A small identity provider of the tests' own: discovery, keys that change, tokens of any kind, and a login."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

AUDIENCE = "debt-optimizer"
CLIENT = "dashboard"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class Issuer:
    """What the provider knows; `keys_asked` counts how often its keys were fetched."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "ann", "name": "Ann"})
    keys_asked: int = 0
    is_down: bool = False
    says_issuer: str | None = None
    codes: dict[str, str] = field(default_factory=dict[str, str])

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "iat": now, "exp": now + 600} | self.person | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, key: RSAKey | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        signer = key or self.key
        return jwt.encode({"alg": "RS256", "kid": signer.kid, **(header or {})}, self.claims(**changes), signer)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _about(self, request: Request) -> Response:
        if self.is_down:
            return Response(status_code=503)
        about = {
            "issuer": self.says_issuer or self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return JSONResponse(about)

    async def _keys(self, request: Request) -> Response:
        self.keys_asked += 1
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """Whoever comes is `person`, without being asked for a password."""
        asked = request.query_params
        self.codes["code"] = asked["nonce"]
        query = urlencode({"code": "code", "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", status_code=302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        nonce = self.codes.pop(str(form["code"]))
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": 600,
                "id_token": self.token(aud=CLIENT, nonce=nonce),
                "access_token": self.token(),
            }
        )


@contextmanager
def running() -> Iterator[Issuer]:
    """The provider on a free port, in a thread of its own."""
    issuer = Issuer()
    config = uvicorn.Config(issuer.app(), host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    issuer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        server.should_exit = True
        thread.join(20)
