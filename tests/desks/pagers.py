"""PagerDuty as its documentation tells it, with its records: REST, and the events beside it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks.doors import running
from tests.desks.trackers import Tracker

TOKEN, SENDER, ROUTING = "pd-s3cret-7f3k2m", "heal@example.com", "r" * 32
POLICY = "PPOLICY"
ACCEPT = "application/vnd.pagerduty+json;version=2"
USERS = {SENDER: ("PHEAL1", "Heal"), "bea@example.com": ("PBEA11", "Bea")}
ACTIONS = {"trigger", "acknowledge", "resolve"}
SEVERITIES = {"critical", "error", "warning", "info"}
AT = "2030-01-01T00:00:00Z"
LARGEST = 2
"""Change events of one answer at most: few, so that tests see more than one."""


@dataclass
class PagerDutyDouble(Tracker):
    """`incidents` by their ids; one that is resolved is never triggered again."""

    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    """What was changed by PUT, in order."""
    recent: list[dict[str, Any]] = field(default_factory=list)
    """The change events of its services, in order."""
    levels: int = 3

    def put(self, name: str, status: str = "triggered", key: str = "") -> None:
        """Have an incident that somebody else's event opened."""
        self.incidents[name] = {
            "id": name, "status": status, "incident_key": key, "notes": [], "log": [],
            "acknowledgements": [], "level": 1, "payload": None, "by": SENDER,
        }  # fmt: skip

    def acknowledge(self, name: str, email: str = "bea@example.com") -> None:
        """Somebody acknowledges it by hand."""
        one = self.incidents[name]
        one["status"] = "acknowledged"
        one["acknowledgements"] = [{"at": AT, "acknowledger": self._person(email)}]

    def named(self, reference: str) -> dict[str, Any] | None:
        """The incident of an id or of an event's key."""
        found = (one for one in self.incidents.values() if one["incident_key"] == reference)
        return self.incidents.get(reference) or next(found, None)

    def notes(self, reference: str) -> list[str]:
        one = self.named(reference)
        if one is None:
            return []
        told = [one["payload"]["custom_details"]["update"]] if one["payload"] else []
        return [*told, *one["notes"]]

    def records(self) -> list[str]:
        return [one["incident_key"] or name for name, one in self.incidents.items()]

    def resolved(self, reference: str) -> bool:
        """Nothing of it is open: neither itself nor what was triggered because it came back."""
        one = self.named(reference)
        again = any(
            other["payload"] and other["status"] != "resolved"
            for other in self.incidents.values() if other is not one
        )  # fmt: skip
        return one is not None and one["status"] == "resolved" and not again

    # -- what it answers

    async def users(self, request: web.Request) -> web.Response:
        asked = request.query["query"]
        return web.json_response(
            {"users": [self._person(email) for email in USERS if asked in email], "more": False}
        )

    async def found(self, request: web.Request) -> web.Response:
        asked = request.query["incident_key"]
        told = [one for one in self.incidents.values() if one["incident_key"] == asked]
        return web.json_response({"incidents": [self._shown(one) for one in told], "more": False})

    async def one(self, request: web.Request) -> web.Response:
        full = request.query.get("include[]") == "acknowledgers"
        return web.json_response({"incident": self._shown(self._of(request), full=full)})

    async def change(self, request: web.Request) -> web.Response:
        one, sent = self._of(request), (await request.json())["incident"]
        if sent.get("type") != "incident_reference":
            return refused("Invalid Input Provided: type")
        known = {"type", "status", "resolution", "escalation_level", "escalation_policy"}
        if set(sent) - known or sent.get("status", "resolved") not in {"acknowledged", "resolved"}:
            return refused("Invalid Input Provided: incident")
        if one["status"] == "resolved":
            return refused("Incident Already Resolved")
        if not 1 <= sent.get("escalation_level", 1) <= self.levels:
            return refused("Escalation level is not on its policy")
        self.changes.append({"id": one["id"], **sent})
        if status := sent.get("status"):
            one["status"] = status
            taking = {"at": AT, "acknowledger": self._person(SENDER)}
            one["acknowledgements"] = [taking] if status == "acknowledged" else []
        if "escalation_level" in sent or "escalation_policy" in sent:
            one["status"], one["acknowledgements"] = "triggered", []
            one["log"].append({"type": "escalate_log_entry", "created_at": AT})
        return web.json_response({"incident": self._shown(one)})

    async def written(self, request: web.Request) -> web.Response:
        return web.json_response({"notes": [{"content": n} for n in self._of(request)["notes"]]})

    async def write(self, request: web.Request) -> web.Response:
        said = (await request.json()).get("note", {}).get("content")
        if not isinstance(said, str) or not said or len(said) > 25_000:
            return refused("Invalid Input Provided: note")
        self._of(request)["notes"].append(said)
        return web.json_response({"note": {"id": "N1", "content": said}}, status=201)

    async def log(self, request: web.Request) -> web.Response:
        return web.json_response({"log_entries": self._of(request)["log"], "more": False})

    async def enqueue(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if self.locked or sent.get("routing_key") != ROUTING:
            return web.json_response({"status": "Unauthorized"}, status=403)
        action, key, payload = sent.get("event_action"), sent.get("dedup_key"), sent.get("payload")
        if action not in ACTIONS or not isinstance(key, str) or not 0 < len(key) <= 255:
            return web.json_response({"status": "invalid event"}, status=400)
        one = next((o for o in self.incidents.values()
                    if o["incident_key"] == key and o["status"] != "resolved"), None)  # fmt: skip
        if action == "trigger":
            wanted = isinstance(payload, dict) and {"summary", "source", "severity"} <= set(payload)
            if (
                not wanted
                or payload["severity"] not in SEVERITIES
                or len(payload["summary"]) > 1024
            ):
                return web.json_response({"status": "invalid event"}, status=400)
            if len(json.dumps(sent)) > 512 * 1024:
                return web.Response(status=413)
            if one is None:
                name = f"PNEW{len(self.incidents)}"
                self.put(name, key=key)
                one = self.incidents[name]
            one["payload"] = payload
        elif one is not None:
            one["status"] = "resolved" if action == "resolve" else "acknowledged"
        return web.json_response({"status": "success", "dedup_key": key}, status=202)

    async def enqueue_change(self, request: web.Request) -> web.Response:
        sent = await request.json()
        payload = sent.get("payload", {})
        if self.locked or sent.get("routing_key") != ROUTING:
            return web.json_response({"status": "Unauthorized"}, status=403)
        known = {"summary", "timestamp", "source", "custom_details"}
        if set(sent) - {"routing_key", "payload", "links"} or set(payload) - known:
            return web.json_response({"status": "invalid event"}, status=400)
        if not 0 < len(payload.get("summary", "")) <= 1024:
            return web.json_response({"status": "invalid event"}, status=400)
        self.recent.append({**payload, "links": sent["links"]})
        return web.json_response({"status": "success", "message": "Change event"}, status=202)

    async def changed(self, request: web.Request) -> web.Response:
        begin, end = int(request.query.get("offset", "0")), int(request.query["limit"])
        told = list(reversed(self.recent))[begin : begin + min(end, LARGEST)]
        more = len(self.recent) > begin + len(told)
        return web.json_response({"change_events": told, "more": more})

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/v2/"):
            event: web.StreamResponse = await handler(request)
            return event
        if self.locked or request.headers.get("Authorization") != f"Token token={TOKEN}":
            return web.json_response({"error": {"code": 2006}}, status=401)
        if request.headers.get("Accept") != ACCEPT:
            return web.json_response({"error": {"message": "no version"}}, status=406)
        if request.method != "GET" and request.headers.get("From") not in USERS:
            return refused("Requester User Not Found")
        told: web.StreamResponse = await handler(request)
        return told

    def _of(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        if name not in self.incidents:
            raise web.HTTPNotFound(text='{"error": {"message": "Not Found", "code": 2100}}')
        return self.incidents[name]

    def _shown(self, one: dict[str, Any], *, full: bool = False) -> dict[str, Any]:
        shown = {name: one[name] for name in ("id", "status", "incident_key", "acknowledgements")}
        if not full:
            shown["acknowledgements"] = [
                {"acknowledger": {"id": "P1", "summary": "?"}} for _ in one["acknowledgements"]
            ]
        return {**shown, "last_status_change_by": self._person(one["by"])}

    def _person(self, email: str) -> dict[str, str]:
        name, summary = USERS[email]
        return {"id": name, "summary": summary, "email": email}


def refused(said: str) -> web.Response:
    return web.json_response({"error": {"message": said, "code": 2001}}, status=400)


@asynccontextmanager
async def opened() -> AsyncIterator[PagerDutyDouble]:
    double = PagerDutyDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    app.add_routes(
        [
            web.get("/users", double.users),
            web.get("/incidents", double.found),
            web.get("/incidents/{id}", double.one),
            web.put("/incidents/{id}", double.change),
            web.get("/incidents/{id}/notes", double.written),
            web.post("/incidents/{id}/notes", double.write),
            web.get("/incidents/{id}/log_entries", double.log),
            web.post("/v2/enqueue", double.enqueue),
            web.post("/v2/change/enqueue", double.enqueue_change),
            web.get("/change_events", double.changed),
        ]
    )
    async with running(app) as double.url:
        yield double
