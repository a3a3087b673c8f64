"""GitHub's issues as its documentation tells them, on loopback, with its refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks import forges
from tests.desks.doors import running
from tests.desks.trackers import Tracker

TOKEN = "github_pat_s3cret7f3k2m"
ME = "heal-bot"
REPOSITORY = "acme/shop"
AT = "2026-11-20T03:00:00Z"


@dataclass
class GithubDouble(Tracker):
    """One repository, acme/shop, and one that the token cannot see."""

    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    may: set[str] = field(default_factory=lambda: {"issues", "triage"})
    private: bool = True
    archived: bool = False

    def put(self, number: int, state: str = "open", **more: Any) -> None:
        """Have an issue that somebody else made."""
        self.issues[number] = {
            "number": number, "state": state, "state_reason": None, "title": "", "body": "",
            "user": {"login": "somebody"}, "labels": [], "comments": [], "updated_at": AT, **more,
        }  # fmt: skip

    def said(self, number: int) -> list[str]:
        return [one["body"] for one in self.issues[number]["comments"]]

    def notes(self, reference: str) -> list[str]:
        """The text of ours and all comments, as people read them."""
        issue = self.issues.get(int(reference.rpartition("#")[2]))
        if issue is None:
            return []
        written = [one["body"] for one in (issue, *issue["comments"]) if one["body"]]
        return [forges.rendered(one).text for one in written]

    def strange(self, reference: str, text: str) -> None:
        """Somebody else comments."""
        number = int(reference.rpartition("#")[2])
        self.issues[number]["comments"].append({"user": {"login": "ana"}, "body": text})

    def forge(self, mark: str) -> None:
        """Somebody else opens an issue that looks like ours."""
        self.put(99, body=f"heal:{mark}")

    def close(self, reference: str) -> None:
        """Somebody closes it."""
        self.issues[int(reference.rpartition("#")[2])]["state"] = "closed"

    def hold(self, reference: str) -> None:
        """Somebody says that nothing is to be done."""
        self.issues[int(reference.rpartition("#")[2])]["labels"] = [{"name": "On hold"}]

    def page(self, reference: str) -> str:
        return f"{self.url}/{reference.replace('#', '/issues/')}"

    def related(self, problem: str, reference: str) -> bool:
        issue = self.issues[int(problem.rpartition("#")[2])]
        return f"\n\nBelongs to {reference}\n\n" in issue["body"]

    def records(self) -> list[str]:
        return [f"{REPOSITORY}#{number}" for number in self.issues]

    def resolved(self, reference: str) -> bool:
        issue = self.issues[int(reference.rpartition("#")[2])]
        return (issue["state"], issue["state_reason"]) == ("closed", "completed")

    # -- what it answers

    async def user(self, request: web.Request) -> web.Response:
        return web.json_response({"login": ME, "id": 1})

    async def repository(self, request: web.Request) -> web.Response:
        rights = {"triage": "triage" in self.may, "push": False, "pull": True}
        told = {"archived": self.archived, "has_issues": True, "private": self.private}
        return web.json_response({**told, "permissions": rights})

    async def listed(self, request: web.Request) -> web.Response:
        query = request.query
        found = [
            shown(one) for one in self.issues.values()
            if query.get("state", "open") in ("all", one["state"])
            and query.get("creator", one["user"]["login"]) == one["user"]["login"]
            and query.get("since", "") <= one["updated_at"]
        ]  # fmt: skip
        return paged(request, found[::-1])

    async def create(self, request: web.Request) -> web.Response:
        if "issues" not in self.may:
            return refused(403, "Resource not accessible by personal access token")
        sent = await request.json()
        if odd := too_much(sent, {"title", "body", "labels", "assignees", "milestone"}):
            return odd
        if not sent.get("title") or len(sent["title"]) > 256:
            return refused(422, "Validation Failed")
        number = len(self.issues) + 1
        labels = [{"name": one} for one in sent.get("labels", [])]
        self.put(
            number, title=sent["title"], body=sent.get("body"), user={"login": ME}, labels=labels
        )
        return web.json_response(shown(self.issues[number]), status=201)

    async def issue(self, request: web.Request) -> web.Response:
        return web.json_response(shown(self._issue(request)))

    async def change(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        if "issues" not in self.may:
            return refused(403, "Resource not accessible by personal access token")
        sent = await request.json()
        if odd := too_much(sent, {"state", "state_reason", "title", "body", "labels"}):
            return odd
        reasons = {"closed": ("completed", "not_planned", "duplicate"), "open": ("reopened",)}
        if sent["state_reason"] not in reasons.get(sent["state"], ()):
            return refused(422, "Validation Failed")
        issue.update(sent)
        return web.json_response(shown(issue))

    async def comments(self, request: web.Request) -> web.Response:
        return paged(request, self._issue(request)["comments"])

    async def comment(self, request: web.Request) -> web.Response:
        issue = self._issue(request)
        if "issues" not in self.may:
            return refused(403, "Resource not accessible by personal access token")
        sent = await request.json()
        if odd := too_much(sent, {"body"}):
            return odd
        told = {"id": len(issue["comments"]) + 1, "user": {"login": ME}, "body": sent["body"]}
        issue["comments"].append(told)
        return web.json_response(told, status=201)

    @web.middleware
    async def authentic(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.headers.get("User-Agent"):
            return web.Response(status=403, text="Request forbidden by administrative rules.")
        if self.locked or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refused(401, "Bad credentials")
        if request.headers.get("Accept") != "application/vnd.github+json":
            return refused(415, "Unsupported 'Accept' header")
        if request.headers.get("X-GitHub-Api-Version") != "2022-11-28":
            return refused(400, "'X-GitHub-Api-Version' is not a supported version")
        path = request.match_info.get("repo")
        if path not in (None, "shop"):
            return refused(404, "Not Found")
        answered: web.StreamResponse = await handler(request)
        return answered

    def _issue(self, request: web.Request) -> dict[str, Any]:
        number = int(request.match_info["number"])
        if number not in self.issues:
            raise web.HTTPNotFound(text='{"message": "Not Found"}')
        return self.issues[number]


def shown(issue: dict[str, Any]) -> dict[str, Any]:
    return {**issue, "comments": len(issue["comments"])}


def too_much(sent: Any, known: set[str]) -> web.Response | None:
    if not isinstance(sent, dict) or set(sent) - known:
        return refused(422, "Invalid request.")
    if len(sent.get("body") or "") > 65_536:
        return refused(422, "body is too long (maximum is 65536 characters)")
    return None


def refused(status: int, said: str) -> web.Response:
    return web.json_response({"message": said, "status": str(status)}, status=status)


def paged(request: web.Request, found: list[Any]) -> web.Response:
    many, page = min(int(request.query.get("per_page", "30")), 100), int(request.query["page"])
    return web.json_response(found[(page - 1) * many : page * many])


@asynccontextmanager
async def opened() -> AsyncIterator[GithubDouble]:
    double = GithubDouble()
    app = web.Application(middlewares=[double.befall, double.authentic])
    at = "/repos/acme/{repo}"
    app.add_routes(
        [
            web.get("/user", double.user),
            web.get(at, double.repository),
            web.get(f"{at}/issues", double.listed),
            web.post(f"{at}/issues", double.create),
            web.get(f"{at}/issues/{{number}}", double.issue),
            web.patch(f"{at}/issues/{{number}}", double.change),
            web.get(f"{at}/issues/{{number}}/comments", double.comments),
            web.post(f"{at}/issues/{{number}}/comments", double.comment),
        ]
    )
    async with running(app) as double.url:
        yield double
