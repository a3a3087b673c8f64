"""Grafana IRM as its documentation tells it: integrations that open groups, and the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.desks.doors import running
from tests.desks.trackers import Tracker

TOKEN, HOOK = "irm-s3cret-7f3k2m", "/integrations/v1/formatted_webhook/m12xmIjO/"
OWN, BEA = "U4HEAL00", "U4BEA000"
USERS = {OWN: "heal", BEA: "bea"}
PAGE = 50
AT = "2026-11-20T03:00:00.000000Z"
KNOWN = {"alert_uid", "title", "state", "message", "link_to_upstream_details", "severity",
         "service", "environment"}  # fmt: skip
STATES = {
    "acknowledge": ({"firing", "silenced"}, "acknowledged"),
    "unacknowledge": ({"acknowledged"}, "firing"),
    "resolve": ({"firing", "acknowledged", "silenced"}, "resolved"),
    "unresolve": ({"resolved"}, "firing"),
}


@dataclass
class IrmDouble(Tracker):
    """`groups` by their ids; a message of a key whose group is not resolved joins that one."""

    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    shifts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By schedule: who has which shift."""
    paged: list[tuple[str, str]] = field(default_factory=list)
    """The group and the user of everybody who was paged, in order."""
    lag: int = 0
    """How many more times the list of groups is told without what came last."""
    asked: list[dict[str, str]] = field(default_factory=list)

    def put(self, name: str, uid: str = "", message: str = "") -> None:
        self.groups[name] = {
            "id": name, "state": "firing", "acknowledged_by": None, "resolved_by": None,
            "created_at": AT, "notes": [],
            "last_alert": {"id": "A1", "payload": {"alert_uid": uid, "message": message}},
        }  # fmt: skip

    def acknowledge(self, name: str, who: str = BEA) -> None:
        self.groups[name] |= {"state": "acknowledged", "acknowledged_by": who}

    def on_call(self, schedule: str, *emails: str, start: str = "", end: str = "") -> None:
        """Have exactly these on call by a schedule."""
        self.shifts[schedule] = [
            {
                "user_pk": BEA if email.startswith("bea") else f"U4{number}00000",
                "user_email": email,
                "user_username": email.partition("@")[0],
                "shift_start": start or "2020-01-01T00:00:00Z",
                "shift_end": end or "2040-01-01T00:00:00Z",
            }
            for number, email in enumerate(emails)
        ]

    def notes(self, reference: str) -> list[str]:
        one = self.groups.get(reference)
        if one is None:
            return []
        told = one["last_alert"]["payload"]["message"]
        return [*([told] if told else []), *one["notes"]]

    def records(self) -> list[str]:
        return list(self.groups)

    def resolved(self, reference: str) -> bool:
        return bool(self.groups[reference]["state"] == "resolved")

    # -- what it answers

    async def hook(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if self.locked or set(sent) - KNOWN or sent.get("state") not in {"alerting", "ok"}:
            return web.Response(status=403 if self.locked else 400)
        uid = sent["alert_uid"]
        open_ = (one for one in self.groups.values() if one["state"] != "resolved")
        if not any(one["last_alert"]["payload"]["alert_uid"] == uid for one in open_):
            self.put(f"I{len(self.groups)}NEW00", uid, sent["message"])
        return web.json_response("Ok.")

    async def listed(self, request: web.Request) -> web.Response:
        since, until = request.query["started_at"].split("_")
        assert datetime.fromisoformat(since) < datetime.fromisoformat(until)
        self.lag -= 1
        told = list(self.groups.values())[: -1 if self.lag >= 0 else None]
        return self._page(request, [self._shown(one) for one in reversed(told)])

    async def one(self, request: web.Request) -> web.Response:
        return web.json_response(self._shown(self._of(request)))

    async def change(self, request: web.Request) -> web.Response:
        one, what = self._of(request), request.match_info["what"]
        before, after = STATES[what]
        if one["state"] not in before:
            return web.json_response({"detail": f"Can't {what} it"}, status=400)
        one |= {
            "state": after,
            "acknowledged_by": OWN if after == "acknowledged" else None,
            "resolved_by": OWN if after == "resolved" else None,
        }
        return web.json_response(None)

    async def written(self, request: web.Request) -> web.Response:
        known = self.groups[request.query["alert_group_id"]]["notes"]
        return self._page(request, [{"id": f"M{n}", "text": one} for n, one in enumerate(known)])

    async def write(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if set(sent) != {"alert_group_id", "text"} or not sent["text"]:
            return web.json_response({"text": ["This field may not be blank."]}, status=400)
        self.groups[sent["alert_group_id"]]["notes"].append(sent["text"])
        return web.json_response({"id": "M4BTQUS3PRHYQ", **sent}, status=201)

    async def escalation(self, request: web.Request) -> web.Response:
        sent = await request.json()
        group = self.groups[sent["alert_group_id"]]
        if set(sent) != {"alert_group_id", "users"} or group["state"] == "resolved":
            return web.json_response({"detail": "Invalid"}, status=400)
        self.paged += [(group["id"], one["id"]) for one in sent["users"] if one["important"]]
        return web.json_response(self._shown(group))

    async def user(self, request: web.Request) -> web.Response:
        name = request.match_info["id"].replace("current", OWN)
        if name not in USERS:
            raise web.HTTPNotFound
        return web.json_response({"id": name, "username": USERS[name], "email": ""})

    async def schedule(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self.shifts:
            raise web.HTTPNotFound
        return web.json_response({"id": request.match_info["id"]})

    async def final(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.query))
        if request.match_info["id"] not in self.shifts:
            raise web.HTTPNotFound
        if request.query["start_date"] >= request.query["end_date"]:
            return web.json_response({"end_date": ["before start_date"]}, status=400)
        return web.json_response(
            {"results": self.shifts[request.match_info["id"]], "next": None, "count": 1}
        )

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        ours = request.path.startswith("/integrations/")
        if not ours and (self.locked or request.headers.get("Authorization") != TOKEN):
            return web.json_response({"detail": "Invalid token."}, status=403)
        told: web.StreamResponse = await handler(request)
        return told

    def _of(self, request: web.Request) -> dict[str, Any]:
        if request.match_info["id"] not in self.groups:
            raise web.HTTPNotFound(text='{"detail": "Not found."}')
        return self.groups[request.match_info["id"]]

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in one.items() if name != "notes"}

    def _page(self, request: web.Request, found: list[Any]) -> web.Response:
        number = int(request.query["page"])
        more = len(found) > number * PAGE
        return web.json_response(
            {
                "count": len(found),
                "next": f"{self.url}?page={number + 1}" if more else None,
                "results": found[(number - 1) * PAGE : number * PAGE],
            }
        )


@asynccontextmanager
async def opened() -> AsyncIterator[IrmDouble]:
    double = IrmDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    api = "/api/v1"
    app.add_routes(
        [
            web.post(HOOK, double.hook),
            web.get(f"{api}/alert_groups/", double.listed),
            web.get(f"{api}/alert_groups/{{id}}", double.one),
            web.post(f"{api}/alert_groups/{{id}}/{{what}}", double.change),
            web.get(f"{api}/resolution_notes/", double.written),
            web.post(f"{api}/resolution_notes/", double.write),
            web.post(f"{api}/escalation/", double.escalation),
            web.get(f"{api}/users/{{id}}/", double.user),
            web.get(f"{api}/schedules/{{id}}/", double.schedule),
            web.get(f"{api}/schedules/{{id}}/final_shifts", double.final),
        ]
    )
    async with running(app) as double.url:
        yield double
