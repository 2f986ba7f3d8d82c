"""The keys with which an identity provider signs: fetched by OpenID Connect discovery, kept, and fetched anew."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from data.errors import ServiceUnavailable
from serve.settings import is_private_way

LOG = logging.getLogger(__name__)
DISCOVERY = "/.well-known/openid-configuration"
KEEP_S = 3600.0  # a key that the provider has withdrawn is trusted no longer than this, while it answers
PAUSE_S = 5.0  # whoever sends made-up key ids does not make us ask more often
PATIENCE_S = 5.0


class SigningKeys:
    """One provider's public keys."""

    def __init__(self, issuer: str, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet: the provider may come up after us."""
        self._issuer = issuer
        self._http = http
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def having(self, key_id: str | None) -> KeySet:
        """The keys, fetched anew where they are old or do not hold this one.

        Raises:
            ServiceUnavailable: there are none, and the provider does not answer.
        """
        if self._is_enough(key_id):
            return self._kept()
        async with self._fetching:
            # Somebody else may have fetched them meanwhile.
            if not self._is_enough(key_id) and self._clock() - self._tried_at >= PAUSE_S:
                await self._fetch()
        return self._kept()

    def _is_enough(self, key_id: str | None) -> bool:
        is_fresh = self._clock() - self._fetched_at < KEEP_S
        return is_fresh and self._keys is not None and (key_id is None or key_id in {key.kid for key in self._keys})

    def _kept(self) -> KeySet:
        if self._keys is None:
            raise ServiceUnavailable(f"The identity provider {self._issuer} does not answer.")
        return self._keys

    async def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            about = await self._json(self._issuer.rstrip("/") + DISCOVERY)
            if about.get("issuer") != self._issuer:
                raise ValueError(f"it calls itself {about.get('issuer')}")
            if not is_private_way(about["jwks_uri"]):
                raise ValueError(f"its keys are at {about['jwks_uri']}, which is not https")
            self._keys = KeySet.import_key_set(await self._json(about["jwks_uri"]))  # pyright: ignore[reportArgumentType]
            self._fetched_at = self._clock()
        # Whatever a provider answers instead of keys: those that we have go on.
        except (httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, KeyError, TypeError) as error:
            LOG.warning("the keys of %s cannot be fetched: %r", self._issuer, error)

    async def _json(self, url: str) -> dict[str, Any]:
        answer = await self._http.get(url, timeout=PATIENCE_S)
        found = answer.raise_for_status().json()
        if not isinstance(found, dict):
            raise TypeError("no JSON object")
        return found
