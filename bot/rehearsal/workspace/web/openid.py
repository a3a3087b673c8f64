"""Sign in with Slack, as this workspace offers it: OpenID Connect with a key of its own."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.rehearsal.workspace.wire import Json
from bot.rehearsal.workspace.world import World

KEY = "local-1"
LASTS = 300
"""Seconds that a token is good for, as at Slack."""


@dataclass
class Asked:
    """What an app asked for, once somebody said yes; a code is good once."""

    user: str
    redirect_uri: str
    nonce: str
    challenge: str


class OpenIdProvider:
    """Believes whoever says who they are: everybody here is played by the person at the page."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, Asked] = {}
        self.team = ""
        """Another team to tell of, as for a person of another workspace."""
        self.said: Json = {}
        """What to say otherwise in every token; None leaves a word out."""
        self.kid, self.generation = KEY, 0
        """The key that it signs with: its name, and which it is of those it ever had."""
        self.forged = ""
        """A token to give instead, whoever made it."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/openid-configuration", self._configuration),
            web.get("/openid/connect/authorize", self._authorize),
            web.get("/openid/connect/keys", self._keys),
            web.post("/api/openid.connect.token", self._token),
        ]

    async def _configuration(self, _: web.Request) -> web.Response:
        home = self._world.url
        return web.json_response({
            "issuer": home,
            "authorization_endpoint": f"{home}/openid/connect/authorize",
            "token_endpoint": f"{home}/api/openid.connect.token",
            "jwks_uri": f"{home}/openid/connect/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        })  # fmt: skip

    async def _keys(self, _: web.Request) -> web.Response:
        told = json.loads(RSAAlgorithm.to_jwk(_key(self.generation).public_key()))
        return web.json_response(
            {"keys": [{**told, "kid": self.kid, "use": "sig", "alg": "RS256"}]}
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        """Ask who signs in; whoever is named in `as` comes back to the app with a code."""
        given, app = request.query, self._world.app
        asked = given.get("response_type"), given.get("client_id")
        if asked != ("code", app.client_id) or "openid" not in given.get("scope", "").split():
            return web.Response(status=400, text="this app does not ask like that")
        listed, back = app.redirect_urls, given.get("redirect_uri", "")
        if listed and back not in listed:
            said = f"redirect_uri did not match any configured URIs. Passed URI: {back}"
            return web.Response(text=said)
        if (who := given.get("as", "")) not in self._world.people:
            return web.Response(text=self._people(request), content_type="text/html")
        code = secrets.token_urlsafe(16)
        challenge = given.get("code_challenge", "")
        if given.get("code_challenge_method", "S256") != "S256":
            return web.Response(status=400, text="only S256")
        self._codes[code] = Asked(who, back, given.get("nonce", ""), challenge)
        told = urlencode({"code": code, "state": given.get("state", "")})
        return web.Response(status=302, headers={"Location": f"{back}?{told}"})

    def _people(self, request: web.Request) -> str:
        lines = [
            f'<li><a id="{name}" href="{html.escape(str(request.rel_url.update_query(way)))}">'
            f"{html.escape(person.real_name)}</a></li>"
            for name, person, way in ((n, p, {"as": n}) for n, p in self._world.people.items())
        ]
        told = "<!doctype html><title>Local workspace</title><h1>Who are you?</h1>"
        return f"{told}<ul>{''.join(lines)}</ul>"

    async def _token(self, request: web.Request) -> web.Response:
        given = {name: str(value) for name, value in (await request.post()).items()}
        app = self._world.app
        if (given.get("client_id"), given.get("client_secret")) != (
            app.client_id,
            app.client_secret,
        ):
            return _no("bad_client_secret")
        asked = self._codes.pop(given.get("code", ""), None)
        if asked is None or given.get("grant_type") != "authorization_code":
            return _no("invalid_code")
        if given.get("redirect_uri") != asked.redirect_uri:
            return _no("bad_redirect_uri")
        if asked.challenge and asked.challenge != _challenge(given.get("code_verifier", "")):
            return _no("invalid_grant")
        told = {k: v for k, v in {**self.claims(asked), **self.said}.items() if v is not None}
        token = self.forged or jwt.encode(
            told, _key(self.generation), "RS256", headers={"kid": self.kid}
        )
        return web.json_response({"ok": True, "token_type": "Bearer", "id_token": token})

    def claims(self, asked: Asked) -> Json:
        """What a token says of somebody."""
        now = self._world.seconds()
        return {
            "iss": self._world.url, "sub": asked.user, "aud": self._world.app.client_id,
            "iat": now, "exp": now + LASTS, "nonce": asked.nonce,
            "https://slack.com/team_id": self.team or self._world.cast.team_id,
            "https://slack.com/user_id": asked.user,
        }  # fmt: skip


@cache
def _key(_: int) -> rsa.RSAPrivateKey:
    """One key of this process: making one takes as long as many sign-ins."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _no(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
