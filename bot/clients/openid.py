"""
OpenID: Sign in with Slack, from the address that a browser is sent to until who came back.

What Slack says of somebody is believed only by its signature, for our app, for the browser that
began (its nonce), and while it is fresh.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from bot import ports
from bot.clients import http
from bot.core.errors import PermanentError, TemporaryError

if TYPE_CHECKING:  # it brings cryptography: 8 MB that only those need who sign in
    import jwt

METHODS = ["RS256"]
"""What Slack signs with; nothing weaker, and never a shared secret, is taken."""
LEEWAY = 60
"""Seconds that clocks may differ."""
WITHIN = 10.0
KEPT, BETWEEN = 3600.0, 30.0
"""Seconds that Slack's keys are believed, and at least between two looks for newer ones."""
NOT_OURS = b"redirect_uri did not match"
"""What stands on Slack's page when an app does not list where its browsers come back to."""
UNKNOWN = frozenset({"bad_client_secret", "invalid_client", "invalid_client_id"})
TEAM, USER = "https://slack.com/team_id", "https://slack.com/user_id"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Known(BaseModel):
    """What a provider says of itself."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    code_challenge_methods_supported: tuple[str, ...] = ()


class Begun(NamedTuple):
    """A sign-in on its way: what the browser keeps of it, and where it goes for it."""

    state: str
    nonce: str
    verifier: str
    where: str


class Person(NamedTuple):
    """Who signed in."""

    user: str
    team: str


class OpenId:
    """One app of a provider at `origin`; the browser comes back to `back`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: ports.Clock,
        origin: str,
        app: str,
        secret: str,
        back: str,
    ) -> None:
        self._client = client
        self._clock = clock
        self._origin = origin
        self._app = app
        self._secret = secret
        self._back = back
        self._known: Known | None = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._listed_at = -math.inf

    async def begin(self) -> Begun:
        """Say where the browser goes; TemporaryError while Slack cannot be asked."""
        known = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code", "scope": "openid profile", "client_id": self._app,
            "redirect_uri": self._back, "state": state, "nonce": nonce,
        }  # fmt: skip
        if "S256" in known.code_challenge_methods_supported:
            hashed = hashlib.sha256(verifier.encode()).digest()
            challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        where = f"{known.authorization_endpoint}?{urlencode(asked)}"
        return Begun(state, nonce, verifier, where)

    async def finish(self, code: str, nonce: str, verifier: str) -> Person:
        """Exchange what the browser came back with; PermanentError when nobody is vouched for."""
        known = await self._discover()
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._back,
            "client_id": self._app, "client_secret": self._secret,
        }  # fmt: skip
        if "S256" in known.code_challenge_methods_supported:
            asked["code_verifier"] = verifier
        told = await self._asked("POST", known.token_endpoint, urlencode(asked).encode())
        if told.get("ok") is False or not isinstance(token := told.get("id_token"), str):
            raise PermanentError(f"Slack did not take the code: {str(told.get('error'))[:100]}")
        return await self._vouched(known, token, nonce)

    async def objection(self) -> str:
        """
        Say what Slack has against our sign-ins, as far as it says so before anybody is there.

        Empty when nothing; TemporaryError while Slack cannot be asked.
        """
        begun, known = await self.begin(), await self._discover()
        shown = await http.send(self._client, "GET", httpx.URL(begun.where), within=WITHIN)
        if NOT_OURS in shown.body:
            return f"Slack does not know {self._back}"
        asked = {"grant_type": "authorization_code", "code": "none", "redirect_uri": self._back,
                 "client_id": self._app, "client_secret": self._secret}  # fmt: skip
        told = await self._asked("POST", known.token_endpoint, urlencode(asked).encode())
        error = str(told.get("error"))[:100]
        return f"Slack does not know us by id and secret: {error}" if error in UNKNOWN else ""

    async def _vouched(self, known: Known, token: str, nonce: str) -> Person:
        import jwt

        try:
            name = str(jwt.get_unverified_header(token).get("kid", ""))
            try:
                said = self._said(known, token, await self._key(known, name))
            except jwt.InvalidSignatureError:
                said = self._said(known, token, await self._key(known, name, doubted=True))
        except jwt.PyJWTError as error:
            raise PermanentError(f"what Slack signed is not right: {error}") from error
        ours = said["aud"] in (self._app, [self._app])
        if said.get("azp", self._app if ours else "") != self._app:
            raise PermanentError("what Slack signed is for another app as well")
        if not hmac.compare_digest(str(said["nonce"]).encode(), nonce.encode()):
            raise PermanentError("what Slack signed is of another browser's sign-in")
        user, team = said.get(USER, said["sub"]), said.get(TEAM)
        if not (isinstance(user, str) and isinstance(team, str) and user and team):
            raise PermanentError("what Slack signed names no person of a workspace")
        return Person(user, team)

    def _said(self, known: Known, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        """What a token says, by this key; PyJWTError when it is not good for us now."""
        import jwt

        return jwt.decode(
            token, key, algorithms=METHODS, audience=self._app, issuer=known.issuer,
            leeway=LEEWAY, options={"require": ["exp", "iat", "aud", "iss", "sub", "nonce"]},
        )  # fmt: skip

    async def _key(self, known: Known, name: str, *, doubted: bool = False) -> jwt.PyJWK:
        """The key of this name; Slack is asked again for one that is new, doubted or old."""
        age = self._clock.monotonic() - self._listed_at
        if age > KEPT or (age > BETWEEN and (doubted or name not in self._keys)):
            self._keys = await self._listed(known)
            self._listed_at = self._clock.monotonic()
        if name not in self._keys:
            raise PermanentError("what Slack signed is signed with no key of Slack's")
        return self._keys[name]

    async def _listed(self, known: Known) -> dict[str, jwt.PyJWK]:
        """Slack's keys as they are now: one that is withdrawn is not among them."""
        import jwt

        told = (await self._asked("GET", known.jwks_uri)).get("keys")
        return {
            str(one["kid"]): jwt.PyJWK(one, algorithm=METHODS[0])
            for one in (told if isinstance(told, list) else [])
            if isinstance(one, dict) and one.get("kty") == "RSA" and one.get("kid")
        }

    async def _discover(self) -> Known:
        """Read once where everything is; all of it has to be the provider's own."""
        if self._known is None:
            found = await self._asked("GET", f"{self._origin}/.well-known/openid-configuration")
            try:
                known = Known.model_validate(found)
            except ValidationError as error:
                raise TemporaryError("Slack does not say how to sign in") from error
            places = (known.authorization_endpoint, known.token_endpoint, known.jwks_uri)
            if known.issuer != self._origin or any(map(self._elsewhere, places)):
                raise PermanentError(f"what stands at {self._origin} is of another provider")
            self._known = known
        return self._known

    def _elsewhere(self, place: str) -> bool:
        parts = urlsplit(place)
        return f"{parts.scheme}://{parts.netloc}" != self._origin

    async def _asked(self, method: str, place: str, body: bytes | None = None) -> dict[str, Any]:
        headers = FORM if body is not None else {}
        found = await http.send(
            self._client, method, httpx.URL(place), within=WITHIN, body=body, headers=headers
        )
        if not found.fine:
            found.refuse(method, self._secret)
        told = found.json()
        if not isinstance(told, dict):
            raise PermanentError(f"{found.place} did not answer with an object")
        return told


def origin_of(api: str) -> str:
    """
    Where a workspace's people are, by the address of its API.

    >>> origin_of("https://slack.com/api/")
    'https://slack.com'
    """
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc}"
