"""`gitlab`: issues of projects on GitLab, kept in step by notes, uploads and their state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field, JsonValue

from bot.clients import addresses
from bot.clients.apis import Api, Sent, read
from bot.clients.rig import Rig
from bot.core import chain
from bot.core.incident import Incident
from bot.plugins import Words
from bot.tickets import _forges, _notes
from bot.tickets._forges import Forge, ForgeSettings
from bot.tickets._issues import Standing
from bot.tickets._notes import Note

REPORTER = 20
"""The role from which on an account may close issues and set labels."""


class GitlabSettings(ForgeSettings):
    """The settings HEAL_GITLAB_*."""

    projects: Words = Field(
        min_length=1,
        description="projects whose issues may be written to, as group/name, with commas; private "
        "ones: notes tell what is wrong, and where",
    )
    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://gitlab.com", description="the https address of the server"
    )

    @property
    def places(self) -> tuple[str, ...]:
        return self.projects


class _User(Sent):
    id: int


class _Full(Sent):
    full: str = ""


class _Issue(Sent):
    iid: int
    state: str = ""
    description: str | None = None
    author: _User | None = None
    references: _Full = _Full()
    labels: tuple[str, ...] = ()


class _Note(Sent):
    body: str = ""
    author: _User | None = None


class _Upload(Sent):
    url: str = Field(pattern=r"^/uploads/[0-9a-f]{32}/[\w.-]+$")


class _Token(Sent):
    scopes: tuple[str, ...] = ()


class _Role(Sent):
    access_level: int = 0


class _Roles(Sent):
    project_access: _Role | None = None
    group_access: _Role | None = None

    @property
    def highest(self) -> int:
        known = (one for one in (self.project_access, self.group_access) if one)
        return max((one.access_level for one in known), default=0)


class _Project(Sent):
    archived: bool = False
    issues_access_level: str = "enabled"
    visibility: str = "private"
    permissions: _Roles = _Roles()


class GitlabTickets(Forge):
    """Closed is resolved; an exhibit is uploaded to the project, and stands in the note."""

    config = GitlabSettings
    longest = 900_000
    page: ClassVar[re.Pattern[str]] = re.compile(
        r"/([\w.-]+(?:/[\w.-]+)+)/-/(?:issues|work_items)/([1-9]\d{0,9})/?"
    )

    def __init__(self, config: GitlabSettings, rig: Rig) -> None:
        super().__init__(config, config.url)
        headers = {"PRIVATE-TOKEN": config.token.get_secret_value(), "Accept": "application/json"}
        self._api = Api("GitLab", f"{config.url}/api/v4", headers, "HEAL_GITLAB_TOKEN", rig.http)
        self._own = 0

    def address(self, reference: str) -> str:
        path, _, number = reference.rpartition("#")
        return f"{_project(path)}/issues/{number}"

    async def find(self, incident: Incident, mark: str) -> str:
        """Search what we opened since; GitLab looks into its database, so it is there at once."""
        if not self._open_in:
            return ""
        asked = {
            "scope": "created_by_me",
            "state": "all",
            "search": f"heal:{mark}",
            "in": "description",
            "created_after": chain.stamp(incident.opened_at - timedelta(days=1))[:19] + "Z",
        }
        found = await self.pages(f"{_project(self._open_in)}/issues", asked, _Issue, self._may())
        for one in found:
            [text] = _forges.signed([(one.description, True)]) or [""]
            if mark in _notes.marks(text):
                return f"{self._open_in}#{one.iid}"
        return ""

    async def open(self, title: str, note: Note, *, problem: bool = False) -> str:
        sent: JsonValue = {
            "title": _forges.title(title),
            "description": await self._text(self._open_in, note),
            "labels": ",".join(self._labels[problem]),
        }
        path = f"{_project(self._open_in)}/issues"
        answer = await self._api.write("POST", path, sent, who=self._may())
        return f"{self._open_in}#{read(_Issue, answer).iid}"

    async def written(self, reference: str) -> Iterable[str]:
        own = await self._me()
        issue = await self._issue(reference)
        asked = {"order_by": "created_at", "sort": "desc", "activity_filter": "only_comments"}
        path = f"{self.address(reference)}/notes"
        said = await self.pages(path, asked, _Note, self._may())
        texts = [(issue.description, issue.author), *((one.body, one.author) for one in said)]
        return _forges.signed((text, who is not None and who.id == own) for text, who in texts)

    async def comment(self, reference: str, note: Note) -> None:
        project = reference.rpartition("#")[0]
        sent: JsonValue = {"body": await self._text(project, note)}
        await self._api.write("POST", f"{self.address(reference)}/notes", sent, who=self._may())

    async def standing(self, reference: str) -> Standing:
        issue = await self._issue(reference)
        return Standing(issue.state == "closed", issue.labels)

    async def close(self, reference: str) -> None:
        await self._set(reference, "close")

    async def reopen(self, reference: str) -> None:
        await self._set(reference, "reopen")

    async def relate(self, problem: str, reference: str) -> None:
        path = f"{self.address(problem)}/links"
        known = await self.pages(path, {}, _Issue, self._may())
        if any(one.references.full == reference for one in known):
            return
        project, _, number = reference.rpartition("#")
        sent: JsonValue = {"target_project_id": project, "target_issue_iid": number}
        await self._api.write("POST", path, sent, who=self._may())

    async def lacks(self) -> str:
        token = read(_Token, await self._api.ask("/personal_access_tokens/self", who=self._may()))
        if "api" not in token.scopes:
            return "HEAL_GITLAB_TOKEN lacks the scope api: make one that has it"
        for path in self._places:
            one = read(_Project, await self._api.ask(_project(path), who=self._may()))
            if one.archived or one.issues_access_level == "disabled":
                return f"{path} takes no issues: it is archived, or they are switched off there"
            if one.permissions.highest < REPORTER:
                return f"HEAL_GITLAB_TOKEN lacks the role Reporter in {path}: give it"
            if one.visibility == "public":
                return f"{path} is public, so anybody reads what Heal writes: name a private one"
        return ""

    async def _set(self, reference: str, event: str) -> None:
        sent: JsonValue = {"state_event": event}
        await self._api.write("PUT", self.address(reference), sent, who=self._may())

    async def _issue(self, reference: str) -> _Issue:
        return read(_Issue, await self._api.ask(self.address(reference), who=self._may()))

    async def _me(self) -> int:
        """Its own number of our account: only what that wrote is ours."""
        if not self._own:
            self._own = read(_User, await self._api.ask("/user", who=self._may())).id
        return self._own

    async def _text(self, project: str, note: Note) -> str:
        """Upload what it shows, and write it; an upload without its note is seen by nobody."""
        if note.exhibit is None:
            return self.body(note, "")
        path, said = f"{_project(project)}/uploads", note.exhibit.said
        answer = await self._api.upload(path, note.file, note.exhibit, {}, who=self._may())
        shown = f"[{note.file}]({read(_Upload, answer).url})"
        return self.body(note, f"!{shown}" if said.media.startswith("image/") else shown)

    def _may(self) -> str:
        return "HEAL_GITLAB_TOKEN needs the role Reporter there, and the issue has to be there"


def _project(path: str) -> str:
    return f"/projects/{quote(path, safe='')}"


PLUGIN = GitlabTickets
