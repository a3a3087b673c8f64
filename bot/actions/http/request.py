"""
`http.request`: one typed request to an allowed host, with the state before it and the way back.

Circuit breakers, rate limits, failovers and feature flags are all changed this way. With a
snapshot and a rollback it is reversible; without them nobody can say what it changed, so it is
irreversible and never runs unattended.
"""

from __future__ import annotations

import json

import httpx
from pydantic import JsonValue

from bot.actions.http._wanted import Query, Rollback, Snapshot, Wanted
from bot.clients import http
from bot.clients.addresses import PORTS
from bot.clients.endpoints import HttpSettings
from bot.clients.rig import Rig
from bot.core import values
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

GONE = frozenset({404, 410})


class HttpRequest:
    """Sends the request; the secret it carries is looked up at that moment and kept nowhere."""

    config = HttpSettings
    params = Wanted

    def __init__(self, config: HttpSettings, rig: Rig) -> None:
        self._settings = config
        self._allowed = config.allowed
        self._client = rig.http

    def way_back(self, params: Wanted) -> Reversibility:
        if params.rollback is not None:
            return Reversibility.REVERSIBLE
        return Reversibility.IRREVERSIBLE

    async def scope(self, params: Wanted) -> Scope:
        url = self._url(params.url, params.query)
        back = params.rollback
        back_url = None if back is None else self._url(back.url, back.query)
        self._settings.token(params.secret)
        before: Facts = {}
        if params.snapshot is not None:
            before = {"snapshot": _kept(await self._now(params), params.snapshot)}
        return Scope(
            blast_radius=_blast_radius(params, url),
            pre_state=before,
            says=_line(params.method, url, params.body),
            undo_says=_back_line(back, back_url, before) if back and back_url else "",
        )

    async def execute(self, params: Wanted, before: Facts, mark: str = "") -> str:
        url = self._url(params.url, params.query)
        key = values.digest([mark, params.model_dump(mode="json"), before])
        answer = await self._send(params, params.method, url, params.body, key)
        if not params.is_done(answer.status):
            answer.refuse(params.method, self._settings.token(params.secret))
        return f"{params.method} {answer.place} answered {answer.status}"

    async def undo(self, params: Wanted, before: Facts, mark: str = "") -> str:
        back = params.rollback
        if back is None:
            raise PermanentError("this request has no rollback: nothing can be put back")
        url = self._url(back.url, back.query)
        body = _body_back(back, before)
        key = values.digest(["back", mark, params.model_dump(mode="json"), before])
        answer = await self._send(params, back.method, url, body, key)
        if not answer.fine and not (back.method == "DELETE" and answer.status in GONE):
            answer.refuse(back.method, self._settings.token(params.secret))
        return f"{_back_line(back, url, before)}: answered {answer.status}"

    async def landed(self, params: Wanted, before: Facts, mark: str = "") -> bool | None:
        """Compare what is there now with what was wanted, then with what was there before."""
        if params.snapshot is None or (params.body is None and params.method != "DELETE"):
            return None
        now = await self._now(params, may_be_gone=params.method == "DELETE")
        if params.method == "DELETE" and now is None:
            return True
        if params.body is not None and _holds(now, params.body):
            return True
        same = values.canonical(_kept(now, params.snapshot)) == values.canonical(
            before.get("snapshot")
        )
        return False if same else None

    async def _now(self, params: Wanted, *, may_be_gone: bool = False) -> JsonValue:
        if params.snapshot is None:
            return None
        url = self._url(params.snapshot.url, params.snapshot.query)
        answer = await self._send(params, "GET", url, None, "")
        if may_be_gone and answer.status in GONE:
            return None
        if not answer.fine:
            answer.refuse("GET", self._settings.token(params.secret))
        return answer.json()

    async def _send(
        self, params: Wanted, method: str, url: httpx.URL, body: JsonValue, key: str
    ) -> http.Answer:
        """`key` lets a careful server notice the same POST or PATCH when it comes twice."""
        headers = {"Idempotency-Key": key} if method in http.UNSURE_TWICE else {}
        if token := self._settings.token(params.secret):
            headers["Authorization"] = f"Bearer {token}"
        return await http.send(self._client, method, url, body=body, headers=headers)

    def _url(self, text: str, query: Query) -> httpx.URL:
        url = self._allowed.check(text)
        return url.copy_with(params=query) if query else url


def _blast_radius(params: Wanted, url: httpx.URL) -> BlastRadius:
    port = url.port or PORTS[url.scheme]
    place = str(url.copy_with(query=None))
    what = params.target
    return BlastRadius(
        targets=(Target(key=f"http:{url.host}:{port}{url.path}", name=what.name or place),),
        unit=what.unit,
        touched=what.touched,
        down_at_once=what.down_at_once,
        total=what.total,
    )


def _kept(found: JsonValue, snapshot: Snapshot) -> JsonValue:
    """Only the keys that were asked for; an answer without them is not the state it should be."""
    if not snapshot.keys:
        return found
    if not isinstance(found, dict) or (missing := set(snapshot.keys) - set(found)):
        wanted = ", ".join(sorted(missing if isinstance(found, dict) else snapshot.keys))
        raise PermanentError(f"the snapshot of {snapshot.url} has no {wanted}")
    return {key: found[key] for key in snapshot.keys}


def _body_back(back: Rollback, before: Facts) -> JsonValue:
    body = before.get("snapshot")
    if back.method == "DELETE":
        return None
    for name in back.field.split(".") if back.field else ():
        if not isinstance(body, dict) or name not in body:
            raise PermanentError(f"the snapshot has no field {back.field}: nothing to put back")
        body = body[name]
    return body


def _holds(now: JsonValue, wanted: JsonValue) -> bool:
    """Tell whether everything wanted is there: 1 is not true, and a key too many is fine."""
    if isinstance(wanted, dict) and isinstance(now, dict):
        return all(
            key in now and values.canonical(now[key]) == values.canonical(value)
            for key, value in wanted.items()
        )
    return values.canonical(now) == values.canonical(wanted)


def _line(method: str, url: httpx.URL, body: JsonValue) -> str:
    return f"{method} {url}" if body is None else f"{method} {url} {_written(body)}"


def _back_line(back: Rollback, url: httpx.URL, before: Facts) -> str:
    body = _body_back(back, before)
    return (
        f"{back.method} {url}" if body is None else f"{back.method} {url} back to {_written(body)}"
    )


def _written(body: JsonValue) -> str:
    return json.dumps(body, ensure_ascii=False)


PLUGIN = HttpRequest
