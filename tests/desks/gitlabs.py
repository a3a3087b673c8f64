"""GitLab's issues as its documentation tells them, on loopback, with its refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks import forges
from tests.desks.doors import running
from tests.desks.trackers import Tracker

TOKEN = "glpat-s3cret7f3k2m"
ME = 7
PROJECT = "acme/ops/shop"
AT = "2026-11-20T03:00:00Z"
HASH = "66dbcd21ec5d24ed6ea225176098d52b"


@dataclass
class GitlabDouble(Tracker):
    """One project; what a note would command is carried out, as GitLab does it."""

    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    links: list[tuple[int, str]] = field(default_factory=list)
    role: int = 20
    scopes: tuple[str, ...] = ("api",)
    visibility: str = "private"
    commands: list[str] = field(default_factory=list)

    def put(self, iid: int, state: str = "opened", **more: Any) -> None:
        """Have an issue that somebody else made."""
        self.issues[iid] = {
            "iid": iid, "state": state, "title": "", "description": "", "labels": [],
            "author": {"id": 1}, "notes": [], "created_at": AT, **more,
        }  # fmt: skip

    def said(self, iid: int) -> list[str]:
        return [one["body"] for one in self.issues[iid]["notes"]]

    def notes_of(self, iid: int) -> list[str]:
        issue = self.issues.get(iid)
        if issue is None:
            return []
        texts = [issue["description"], *(one["body"] for one in issue["notes"])]
        return [text for text in texts if text]

    def notes(self, reference: str) -> list[str]:
        """The text of ours and all notes, as people read them."""
        texts = self.notes_of(int(reference.rpartition("#")[2]))
        return [forges.rendered(text).text for text in texts]

    def strange(self, reference: str, text: str) -> None:
        """Somebody else comments."""
        iid = int(reference.rpartition("#")[2])
        self.issues[iid]["notes"].append({"author": {"id": 1}, "body": text})

    def forge(self, mark: str) -> None:
        """Somebody else opens an issue that looks like ours."""
        self.put(99, description=f"heal:{mark}")

    def close(self, reference: str) -> None:
        """Somebody closes it."""
        self.issues[int(reference.rpartition("#")[2])]["state"] = "closed"

    def hold(self, reference: str) -> None:
        """Somebody says that nothing is to be done."""
        self.issues[int(reference.rpartition("#")[2])]["labels"] = ["urgent", "on hold"]

    def page(self, reference: str) -> str:
        return f"{self.url}/{reference.replace('#', '/-/issues/')}"

    def related(self, problem: str, reference: str) -> bool:
        return self.links == [(int(problem.rpartition("#")[2]), reference)]

    def records(self) -> list[str]:
        return [f"{PROJECT}#{iid}" for iid in self.issues]

    def resolved(self, reference: str) -> bool:
        return bool(self.issues[int(reference.rpartition("#")[2])]["state"] == "closed")

    # -- what it answers

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response({"id": ME, "username": "heal-bot"})

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response({"scopes": self.scopes, "active": True})

    async def project(self, request: web.Request) -> web.Response:
        roles = {"project_access": {"access_level": self.role}, "group_access": None}
        told = {"archived": False, "issues_access_level": "enabled", "permissions": roles}
        return web.json_response({**told, "visibility": self.visibility})

    async def listed(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("search") and query.get("in") not in ("title", "description"):
            return refused(400, "in does not have a valid value")
        mine = query.get("scope", "created_by_me") == "created_by_me"
        found = [
            shown(one) for one in self.issues.values()
            if query["search"] in one["description"] and query["created_after"] <= one["created_at"]
            and (not mine or one["author"]["id"] == ME)
        ]  # fmt: skip
        return paged(request, found)

    async def create(self, request: web.Request) -> web.Response:
        sent = await request.json()
        if not sent.get("title") or len(sent["title"]) > 255:
            return refused(400, "title is too long (maximum is 255 characters)")
        iid = len(self.issues) + 1
        self.commands += forges.commands(sent["description"])
        self.put(
            iid, title=sent["title"], description=sent["description"], author={"id": ME},
            labels=[one for one in sent["labels"].split(",") if one],
        )  # fmt: skip
        return web.json_response(shown(self.issues[iid]), status=201)

    async def issue(self, request: web.Request) -> web.Response:
        return web.json_response(shown(self._issue(request)))

    async def change(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        if self.role < 20:
            return refused(403, "403 Forbidden")
        event = (await request.json()).get("state_event")
        if event not in ("close", "reopen"):
            return refused(400, "state_event does not have a valid value")
        issue["state"] = {"close": "closed", "reopen": "opened"}[event]
        return web.json_response(shown(issue))

    async def noted(self, request: web.Request) -> web.Response:
        told = self._issue(request)["notes"]
        return paged(request, told[::-1] if request.query.get("sort", "desc") == "desc" else told)

    async def note(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        body = (await request.json()).get("body", "")
        if not body or len(body) > 1_000_000:
            return refused(400, "body is too long (maximum is 1000000 characters)")
        self.commands += forges.commands(body)
        told = {"id": len(issue["notes"]) + 1, "author": {"id": ME}, "body": body, "system": False}
        issue["notes"].append(told)
        return web.json_response(told, status=201)

    async def upload(self, request: web.Request) -> web.Response:
        file = (await request.post()).get("file")
        if not isinstance(file, web.FileField):
            return refused(400, "file is missing")
        url = f"/uploads/{HASH}/{file.filename}"
        self.uploads[url] = (file.content_type, file.file.read())
        return web.json_response({"alt": "x", "url": url}, status=201)

    async def link(self, request: web.Request) -> web.Response:
        self._issue(request)
        sent = await request.json()
        target = f"{sent['target_project_id']}#{sent['target_issue_iid']}"
        made = (int(request.match_info["iid"]), target)
        if made in self.links:
            return refused(409, "Issue(s) already assigned")
        self.links.append(made)
        return web.json_response({"link_type": "relates_to"}, status=201)

    async def linked(self, request: web.Request) -> web.Response:
        found = [
            {"iid": int(full.rpartition("#")[2]), "references": {"full": full}}
            for iid, full in self.links if iid == int(request.match_info["iid"])
        ]  # fmt: skip
        return paged(request, found)

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.locked or request.headers.get("PRIVATE-TOKEN") != TOKEN:
            return refused(401, "401 Unauthorized")
        if request.match_info.get("project") not in (None, PROJECT):
            return refused(404, "404 Project Not Found")
        answered: web.StreamResponse = await handler(request)
        return answered

    def _issue(self, request: web.Request) -> dict[str, Any]:
        iid = int(request.match_info["iid"])
        if iid not in self.issues:
            raise web.HTTPNotFound(text='{"message": "404 Not found"}')
        return self.issues[iid]


def shown(issue: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in issue.items() if name != "notes"}
    return {**told, "references": {"full": f"{PROJECT}#{issue['iid']}"}}


def refused(status: int, said: str) -> web.Response:
    return web.json_response({"message": said}, status=status)


def paged(request: web.Request, found: list[Any]) -> web.Response:
    many, page = min(int(request.query.get("per_page", "20")), 100), int(request.query["page"])
    return web.json_response(found[(page - 1) * many : page * many])


@asynccontextmanager
async def opened() -> AsyncIterator[GitlabDouble]:
    double = GitlabDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    at = "/api/v4/projects/{project}"
    app.add_routes(
        [
            web.get("/api/v4/user", double.user),
            web.get("/api/v4/personal_access_tokens/self", double.token),
            web.get(at, double.project),
            web.get(f"{at}/issues", double.listed),
            web.post(f"{at}/issues", double.create),
            web.get(f"{at}/issues/{{iid}}", double.issue),
            web.put(f"{at}/issues/{{iid}}", double.change),
            web.get(f"{at}/issues/{{iid}}/notes", double.noted),
            web.post(f"{at}/issues/{{iid}}/notes", double.note),
            web.post(f"{at}/uploads", double.upload),
            web.get(f"{at}/issues/{{iid}}/links", double.linked),
            web.post(f"{at}/issues/{{iid}}/links", double.link),
        ]
    )
    async with running(app) as double.url:
        yield double
