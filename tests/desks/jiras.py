"""Jira Cloud as its documentation tells it, on loopback: version 3 of its API, and its refusals."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks import adf
from tests.desks.doors import running
from tests.desks.trackers import Tracker

USER, TOKEN = "heal@example.com", "ATATT-s3cret-7f3k2m"
Way = tuple[tuple[str, str, str], ...]
WORKFLOW: dict[str, Way] = {
    "To Do": (("11", "Start work", "In Progress"), ("31", "Resolve this issue", "Done")),
    "In Progress": (("31", "Resolve this issue", "Done"),),
    "On Hold": (("21", "Resume", "In Progress"),),
    "Done": (("41", "Reopen", "To Do"),),
}
CATEGORY = {
    "To Do": "new",
    "In Progress": "indeterminate",
    "On Hold": "indeterminate",
    "Done": "done",
}
PERMISSIONS = frozenset(
    {"BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES",
     "CREATE_ATTACHMENTS", "LINK_ISSUES"}
)  # fmt: skip


@dataclass
class JiraDouble(Tracker):
    """Issues by key; `lag` searches after an issue was made do not find it yet."""

    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    may: set[str] = field(default_factory=lambda: set(PERMISSIONS))
    types: tuple[str, ...] = ("Incident", "Problem", "Task")
    links: list[tuple[str, str, str]] = field(default_factory=list)
    lag: int = 0
    workflow: dict[str, Way] = field(default_factory=lambda: dict(WORKFLOW))
    fields: Any = None
    """What the last transition was given beside its id."""
    largest: int = 10_000_000

    def put(self, key: str, status: str = "To Do", **more: Any) -> None:
        """Have an issue that somebody else made."""
        empty = {
            "labels": [],
            "comments": [],
            "attachments": [],
            "unfound": 0,
            "author": "somebody",
        }
        self.issues[key] = {"summary": key, "status": status, **empty, **more}

    def said(self, key: str) -> list[str]:
        """The comments of an issue as people read them."""
        return [adf.text_of(one["body"]) for one in self.issues[key]["comments"]]

    def notes(self, reference: str) -> list[str]:
        """The description of ours and all comments, as people read them."""
        issue = self.issues.get(reference)
        if issue is None:
            return []
        written = [issue["description"]] if "description" in issue else []
        written += [one["body"] for one in issue["comments"]]
        return [adf.text_of(one["content"]) for one in written]

    def strange(self, reference: str, text: str) -> None:
        """Somebody else comments."""
        body = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        told = {"author": {"accountId": "acc-ana"}, "body": {"content": [body]}}
        self.issues[reference]["comments"].append(told)

    def forge(self, mark: str) -> None:
        """Somebody else opens an issue that looks like ours."""
        self.put("SHOP-99", labels=["opened-by-heal", f"heal-{mark}"])

    def close(self, reference: str) -> None:
        """Somebody closes it."""
        self.issues[reference]["status"] = "Done"

    def hold(self, reference: str) -> None:
        """Somebody says that nothing is to be done."""
        self.issues[reference]["status"] = "On Hold"

    def page(self, reference: str) -> str:
        return f"{self.url}/browse/{reference}"

    def related(self, problem: str, reference: str) -> bool:
        return self.links == [("Relates", problem, reference)]

    def records(self) -> list[str]:
        return list(self.issues)

    def resolved(self, reference: str) -> bool:
        return CATEGORY[self.issues[reference]["status"]] == "done"

    # -- what it answers

    async def myself(self, request: web.Request) -> web.Response:
        return web.json_response({"accountId": "acc-heal", "displayName": "Heal"})

    async def my_permissions(self, request: web.Request) -> web.Response:
        wanted = request.query["permissions"].split(",")
        if unknown := set(wanted) - PERMISSIONS:
            return refused(400, f"Unrecognized permission: {sorted(unknown)}")
        if request.query["projectKey"] not in ("SHOP", "PAY"):
            return refused(404, "No project could be found with key.")
        had = {one: {"key": one, "havePermission": one in self.may} for one in wanted}
        return web.json_response({"permissions": had})

    async def create(self, request: web.Request) -> web.Response:
        sent = await request.json()
        fields, errors = sent["fields"], {}
        if "CREATE_ISSUES" not in self.may or fields["project"]["key"] not in ("SHOP", "PAY"):
            errors["project"] = "Specify a valid project ID or key"
        if fields.get("issuetype", {}).get("name") not in self.types:
            errors["issuetype"] = "Specify an issue type"
        summary = fields.get("summary", "")
        if not summary or len(summary) > 255 or "\n" in summary:
            errors["summary"] = "You must specify a summary of the issue."
        if why := adf.why_not(fields.get("description")):
            errors["description"] = why
        if any(re.search(r"\s", one) or len(one) > 255 for one in fields.get("labels", [])):
            errors["labels"] = "The label contains spaces which is invalid."
        if errors:
            return web.json_response({"errorMessages": [], "errors": errors}, status=400)
        key = f"{fields['project']['key']}-{len(self.issues) + 1}"
        self.put(
            key, summary=summary, labels=fields.get("labels", []), unfound=self.lag,
            description=fields["description"], type=fields["issuetype"]["name"], author="acc-heal",
        )  # fmt: skip
        told = {"id": str(10000 + len(self.issues)), "key": key}
        return web.json_response(told, status=201)

    async def search(self, request: web.Request) -> web.Response:
        asked = re.fullmatch(
            r'project in \(("[A-Z]+"(?:, "[A-Z]+")*)\) AND labels = "([^"]+)" '
            r"AND creator = currentUser\(\) ORDER BY created ASC",
            request.query["jql"],
        )
        if asked is None:
            return refused(400, "Error in the JQL Query")
        projects = re.findall("[A-Z]+", asked[1])
        found = []
        for key, issue in self.issues.items():
            if issue["author"] != "acc-heal":
                continue
            if asked[2] in issue["labels"] and key.split("-")[0] in projects:
                if issue["unfound"] > 0:
                    issue["unfound"] -= 1
                else:
                    found.append({"id": "1", "key": key})
        return web.json_response({"issues": found, "isLast": True})

    async def issue(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        status = issue["status"]
        held = {
            "status": {"name": status, "statusCategory": {"key": CATEGORY[status]}},
            "attachment": [{"filename": name} for name, _, _ in issue["attachments"]],
            "creator": {"accountId": issue["author"]},
            "labels": issue["labels"],
            "summary": issue["summary"],
            "description": issue.get("description"),
            "issuelinks": [
                {"outwardIssue": {"key": out}} if at == request.match_info["key"]
                else {"inwardIssue": {"key": at}}
                for _, at, out in self.links if request.match_info["key"] in (at, out)
            ],
        }  # fmt: skip
        wanted = request.query.get("fields", "*all").split(",")
        fields = {name: value for name, value in held.items() if name in wanted}
        return web.json_response({"id": "1", "key": request.match_info["key"], "fields": fields})

    async def comments(self, request: web.Request) -> web.Response:
        told = self._issue(request)["comments"]
        order = told[::-1] if request.query.get("orderBy") == "-created" else told
        start, most = (
            int(request.query.get("startAt", "0")),
            min(int(request.query["maxResults"]), 100),
        )
        page = order[start : start + most]
        return web.json_response(
            {"startAt": start, "maxResults": most, "total": len(told), "comments": page}
        )

    async def comment(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        if "ADD_COMMENTS" not in self.may:
            said = "You do not have the permission to comment on this issue."
            return web.json_response({"errorMessages": [said], "errors": {}}, status=403)
        body = (await request.json()).get("body")
        if why := adf.why_not(body):
            return web.json_response({"errorMessages": [], "errors": {"comment": why}}, status=400)
        if len(adf.text_of(body)) > 32_767:
            return refused(400, "The entered text is too long.")
        told = {
            "id": str(len(issue["comments"]) + 1),
            "author": {"accountId": "acc-heal"},
            "body": body,
        }
        issue["comments"].append(told)
        return web.json_response(told, status=201)

    async def transitions(self, request: web.Request) -> web.Response:
        status = self._issue(request)["status"]
        told = [
            {"id": id_, "name": name, "isAvailable": True,
             "to": {"name": to, "statusCategory": {"key": CATEGORY[to]}}}
            for id_, name, to in self.workflow[status]
            if "TRANSITION_ISSUES" in self.may
        ]  # fmt: skip
        return web.json_response({"expand": "transitions", "transitions": told})

    async def transit(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        sent = await request.json()
        wanted, self.fields = sent["transition"], sent.get("fields")
        if set(wanted) != {"id"} or not isinstance(wanted["id"], str):
            return refused(400, "Missing 'transition' identifier")
        for id_, _, to in self.workflow[issue["status"]]:
            if id_ == wanted["id"] and "TRANSITION_ISSUES" in self.may:
                issue["status"] = to
                return web.Response(status=204)
        return refused(400, "It seems that you have tried to perform an illegal workflow operation")

    async def attach(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        if request.headers.get("X-Atlassian-Token") != "no-check":
            return web.Response(status=403, text="XSRF check failed")
        if "CREATE_ATTACHMENTS" not in self.may:
            return refused(403, "You do not have permission to create attachments for this issue.")
        file = (await request.post()).get("file")
        if not isinstance(file, web.FileField):
            return refused(400, "No file part")
        if len(body := file.file.read()) > self.largest:
            return refused(413, "The attachment is too large")
        issue["attachments"].append((file.filename, file.content_type, body))
        return web.json_response([{"id": "1", "filename": issue["attachments"][-1][0]}])

    async def link(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if sent["type"]["name"] not in ("Relates", "Problem/Incident"):
            return refused(404, "No issue link type with name found.")
        ends = (sent["inwardIssue"]["key"], sent["outwardIssue"]["key"])
        if "LINK_ISSUES" not in self.may or not set(ends) <= set(self.issues):
            return refused(404, "No Link Issue Permission for issue")
        self.links.append((sent["type"]["name"], *ends))
        return web.Response(status=201)

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if self.locked or request.headers.get("Authorization") != f"Basic {basic}":
            return web.Response(
                status=401, text="Client must be authenticated to access this resource."
            )
        if request.headers.get("Accept") != "application/json":
            return web.Response(status=406)
        answered: web.StreamResponse = await handler(request)
        return answered

    def _issue(self, request: web.Request) -> dict[str, Any]:
        key = request.match_info["key"]
        if key not in self.issues or "BROWSE_PROJECTS" not in self.may:
            said = "Issue does not exist or you do not have permission to see it."
            raise web.HTTPNotFound(text=f'{{"errorMessages": ["{said}"], "errors": {{}}}}')
        return self.issues[key]


def refused(status: int, said: str) -> web.Response:
    return web.json_response({"errorMessages": [said], "errors": {}}, status=status)


@asynccontextmanager
async def opened() -> AsyncIterator[JiraDouble]:
    double = JiraDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    at = "/rest/api/3"
    app.add_routes(
        [
            web.get(f"{at}/myself", double.myself),
            web.get(f"{at}/mypermissions", double.my_permissions),
            web.post(f"{at}/issue", double.create),
            web.get(f"{at}/search/jql", double.search),
            web.get(f"{at}/issue/{{key}}", double.issue),
            web.get(f"{at}/issue/{{key}}/comment", double.comments),
            web.post(f"{at}/issue/{{key}}/comment", double.comment),
            web.get(f"{at}/issue/{{key}}/transitions", double.transitions),
            web.post(f"{at}/issue/{{key}}/transitions", double.transit),
            web.post(f"{at}/issue/{{key}}/attachments", double.attach),
            web.post(f"{at}/issueLink", double.link),
        ]
    )
    async with running(app) as double.url:
        yield double
