"""JSM Operations as its documentation tells it: it takes a wish, and fulfils it a moment later."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks.doors import running
from tests.desks.trackers import Tracker

CLOUD, USER, TOKEN = "1111-cloud-7f3k", "heal@example.com", "jsm-s3cret-7f3k2m"
OWN, BEA = "5b10heal", "5b10bea0"
PEOPLE = {OWN: ("Heal", USER), BEA: ("Bea", "bea@example.com")}
TEAM, ESCALATION = "team-1111-aaaa", "escalation-2222"
PAGE = 2
"""Notes of one answer at most: few, so that tests see more than one."""
AT = "2030-01-01T00:00:00Z"
KNOWN = {"message", "alias", "description", "responders", "entity", "source", "priority", "tags",
         "extraProperties"}  # fmt: skip


@dataclass
class JsmDouble(Tracker):
    """`alerts` by their ids; while one of an alias is open, it is what a second one becomes."""

    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    wishes: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """What it was asked for, with how often it still says that it was not done yet."""
    slow: int = 0
    refuses: str = ""
    """What it says when it does not do what it took; empty = it does it."""
    escalated: list[tuple[str, str]] = field(default_factory=list)
    schedules: dict[str, list[str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def put(self, name: str, alias: str = "", description: str = "") -> None:
        self.alerts[name] = {
            "id": name, "alias": alias, "description": description, "status": "open",
            "acknowledged": False, "owner": None, "notes": [], "log": [], "sent": None,
        }  # fmt: skip

    def acknowledge(self, name: str, who: str | None = BEA) -> None:
        self.alerts[name] |= {"acknowledged": True, "owner": who}

    def notes(self, reference: str) -> list[str]:
        one = self.alerts.get(reference)
        if one is None:
            return []
        return [*([one["description"]] if one["description"] else []), *one["notes"]]

    def records(self) -> list[str]:
        return list(self.alerts)

    def resolved(self, reference: str) -> bool:
        """Nothing of it is open: neither itself nor what was created because it came back."""
        again = any(one["alias"].endswith("-again") and one["status"] == "open"
                    for one in self.alerts.values())  # fmt: skip
        return self.alerts[reference]["status"] == "closed" and not again

    # -- what it answers

    async def create(self, request: web.Request) -> web.Response:
        sent = await request.json()
        small = len(sent.get("message", "")) <= 130 and len(sent.get("description", "")) <= 15_000
        if set(sent) - KNOWN or not sent.get("message") or not small:
            return refused("message")
        if any(set(one) != {"id", "type"} or not one["id"] for one in sent["responders"]):
            return refused("responders")
        same = (one["id"] for one in self.alerts.values()
                if one["alias"] == sent["alias"] and one["status"] == "open")  # fmt: skip
        if (name := next(same, None)) is None:
            name = f"alert-{len(self.alerts)}"
            self.put(name, sent["alias"], sent["description"])
            self.alerts[name]["sent"] = sent
        return self._wish(name, lambda: None)

    async def listed(self, request: web.Request) -> web.Response:
        return web.json_response({"values": [], "links": {}})

    async def one(self, request: web.Request) -> web.Response:
        hidden = {"notes", "log", "sent"}
        told = {name: value for name, value in self._of(request).items() if name not in hidden}
        return web.json_response(told)

    async def request_status(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        left, told = self.wishes[name]
        self.wishes[name] = (left - 1, told)
        if left == self.slow and left:
            raise web.HTTPNotFound
        return web.json_response(told if left <= 0 else {"isSuccess": False, "status": ""})

    async def change(self, request: web.Request) -> web.Response:
        one, what = self._of(request), request.match_info["what"]
        changes: dict[str, dict[str, Any]] = {
            "acknowledge": {"acknowledged": True, "owner": OWN},
            "unacknowledge": {"acknowledged": False, "owner": None},
            "close": {"status": "closed"},
        }
        if await request.read():
            return refused("no body is taken")
        if one["status"] == "closed":
            self.refuses = "Alert is already closed"
        return self._wish(one["id"], lambda: one.update(changes[what]))

    async def escalate(self, request: web.Request) -> web.Response:
        one, sent = self._of(request), await request.json()
        if set(sent) != {"escalationId"} or sent["escalationId"] != ESCALATION:
            return refused("escalationId")

        def do() -> None:
            self.escalated.append((one["id"], sent["escalationId"]))
            one["log"].append({"log": "Alert is escalated to next step", "createdAt": AT})

        return self._wish(one["id"], do)

    async def written(self, request: web.Request) -> web.Response:
        known = self._of(request)["notes"]
        begin = int(request.query.get("after", "0"))
        end = begin + PAGE
        following = f"/v1/alerts/x/notes?after={end}&size=100" if len(known) > end else None
        values = [{"id": str(n), "note": one} for n, one in enumerate(known)][begin:end]
        return web.json_response({"values": values, "links": {"next": following}})

    async def write(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if set(sent) != {"note"} or not 0 < len(sent["note"]) <= 25_000:
            return refused("note")
        self._of(request)["notes"].append(sent["note"])
        return web.json_response({"id": "N1", **sent})

    async def log(self, request: web.Request) -> web.Response:
        return web.json_response({"values": self._of(request)["log"]})

    async def on_calls(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.match_info["id"] not in self.schedules:
            raise web.HTTPNotFound
        assert request.query["flat"] == "true"
        return web.json_response({"onCallUsers": self.schedules[request.match_info["id"]]})

    async def user(self, request: web.Request) -> web.Response:
        account = request.query["accountId"]
        if account not in PEOPLE:
            raise web.HTTPNotFound
        return self._person(account)

    async def myself(self, request: web.Request) -> web.Response:
        return self._person(OWN)

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        right = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        given = request.headers.get("Authorization")
        if self.locked or given != f"Basic {right}" or f"/{CLOUD}/" not in request.path:
            return web.json_response({"message": "Unauthorized; scope does not match"}, status=401)
        told: web.StreamResponse = await handler(request)
        return told

    def _wish(self, alert: str, do: Callable[[], None]) -> web.Response:
        """Take it; it is done at once here, and known to be so a moment later."""
        request, why = f"wish-{len(self.wishes)}", self.refuses
        if not why:
            do()
        self.wishes[request] = (
            self.slow,
            {"isSuccess": not why, "processedAt": AT, "status": why, "alertId": alert},
        )
        told = {"result": "Request will be processed", "requestId": request, "took": 0.1}
        return web.json_response(told, status=202)

    def _of(self, request: web.Request) -> dict[str, Any]:
        if request.match_info["id"] not in self.alerts:
            raise web.HTTPNotFound
        return self.alerts[request.match_info["id"]]

    def _person(self, account: str) -> web.Response:
        name, email = PEOPLE[account]
        told = {"accountId": account, "displayName": name, "emailAddress": email}
        return web.json_response(told)


def refused(what: str) -> web.Response:
    return web.json_response({"message": f"Request body is not processable: {what}"}, status=422)


@asynccontextmanager
async def opened() -> AsyncIterator[JsmDouble]:
    double = JsmDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    ops, jira = f"/jsm/ops/api/{CLOUD}/v1", f"/ex/jira/{CLOUD}/rest/api/3"
    what = "{what:acknowledge|unacknowledge|close}"
    app.add_routes(
        [
            web.post(f"{ops}/alerts", double.create),
            web.get(f"{ops}/alerts", double.listed),
            web.get(f"{ops}/alerts/requests/{{id}}", double.request_status),
            web.get(f"{ops}/alerts/{{id}}", double.one),
            web.post(f"{ops}/alerts/{{id}}/{what}", double.change),
            web.post(f"{ops}/alerts/{{id}}/escalate", double.escalate),
            web.get(f"{ops}/alerts/{{id}}/notes", double.written),
            web.post(f"{ops}/alerts/{{id}}/notes", double.write),
            web.get(f"{ops}/alerts/{{id}}/logs", double.log),
            web.get(f"{ops}/schedules/{{id}}/on-calls", double.on_calls),
            web.get(f"{jira}/user", double.user),
            web.get(f"{jira}/myself", double.myself),
        ]
    )
    async with running(app) as double.url:
        yield double
