"""`jira`: issues of Jira Cloud, kept in step by comments, attachments and transitions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from pydantic import JsonValue

from bot.clients.apis import PAGE, PAGES, Api, read
from bot.clients.http import Answer
from bot.clients.rig import Rig
from bot.core import visible
from bot.core.errors import PermanentError
from bot.core.incident import Incident
from bot.core.ticket import OURS
from bot.tickets import _adf
from bot.tickets._adf import Node
from bot.tickets._issues import Issues, Standing
from bot.tickets._jira import (
    KEY,
    Comments,
    Fields,
    Found,
    Issue,
    JiraTicketSettings,
    Me,
    Permissions,
    Transition,
    Transitions,
)
from bot.tickets._notes import Note

SETTLING = 15.0
"""Seconds after which Jira's search shows what was opened, as a rule."""
SUMMARY = 255
NEEDS = {
    "BROWSE_PROJECTS": "Browse Projects",
    "ADD_COMMENTS": "Add Comments",
    "TRANSITION_ISSUES": "Transition Issues",
    "CREATE_ATTACHMENTS": "Create Attachments",
}
TO_OPEN = {"CREATE_ISSUES": "Create Issues"}
TO_RELATE = {"LINK_ISSUES": "Link Issues"}


class JiraTickets(Issues):
    """Speaks version 3 of its API: texts are documents, and text in them is only text."""

    config = JiraTicketSettings

    def __init__(self, config: JiraTicketSettings, rig: Rig) -> None:
        super().__init__(config, problems=bool(config.problem_type))
        self._config = config
        self._clock = rig.clock
        known = base64.b64encode(
            f"{config.user}:{config.token.get_secret_value()}".encode()
        ).decode()
        headers = {"Authorization": f"Basic {known}", "Accept": "application/json"}
        self._api = Api(
            "Jira",
            f"{config.url}/rest/api/3",
            headers,
            "HEAL_JIRA_USER with HEAL_JIRA_TOKEN",
            rig.http,
        )
        self._host = urlsplit(config.site or config.url).netloc
        self._own = ""

    def refers(self, said: str) -> str:
        key = said.strip()
        if "/" in key:
            url = urlsplit(key)
            if url.netloc != self._host or not url.path.startswith("/browse/"):
                return ""
            key = url.path.removeprefix("/browse/")
        ours = re.fullmatch(KEY, key) and key.rpartition("-")[0] in self._config.projects
        return key if ours else ""

    async def find(self, incident: Incident, mark: str) -> str:
        """Look twice: what was opened a moment ago is not found yet."""
        if not self._config.open_in:
            return ""
        if found := await self._search(mark):
            return found
        await self._clock.sleep(SETTLING)
        return await self._search(mark)

    async def _search(self, mark: str) -> str:
        projects = ", ".join(f'"{key}"' for key in self._config.projects)
        ours = f'labels = "{_label(mark)}" AND creator = currentUser()'
        jql = f"project in ({projects}) AND {ours} ORDER BY created ASC"
        answer = await self._ask("/search/jql", {"jql": jql, "maxResults": "1", "fields": "labels"})
        return next((one.key for one in read(Found, answer).issues), "")

    async def open(self, title: str, note: Note, *, problem: bool = False) -> str:
        kind = self._config.problem_type if problem else self._config.type
        fields: JsonValue = {
            "project": {"key": self._config.open_in},
            "issuetype": {"name": kind},
            "summary": visible.line(title)[:SUMMARY],
            "description": document(note),
            "labels": [OURS, _label(note.marks[0])],
        }
        setting = "HEAL_JIRA_PROBLEM_TYPE" if problem else "HEAL_JIRA_TYPE"
        who = f"{self._may('Create Issues')}, and {setting} must be a type of that project"
        answer = await self._api.write("POST", "/issue", {"fields": fields}, who=who)
        return read(Issue, answer).key

    async def written(self, reference: str) -> Iterable[str]:
        own = await self._me()
        texts: list[str] = []
        for start in range(0, PAGE * PAGES, PAGE):
            asked = {"startAt": f"{start}", "maxResults": f"{PAGE}", "orderBy": "-created"}
            answer = await self._ask(f"/issue/{reference}/comment", asked)
            page = read(Comments, answer)
            ours = (one for one in page.comments if one.author and one.author.id == own)
            texts += (_adf.text_of(one.body) for one in ours)
            if start + PAGE >= page.total:
                break
        issue = await self._issue(reference, "description,creator")
        if issue.creator is not None and issue.creator.id == own:
            texts.append(_adf.text_of(issue.description))
        return texts

    async def comment(self, reference: str, note: Note) -> None:
        body: JsonValue = {"body": document(note)}
        path = f"/issue/{reference}/comment"
        await self._api.write("POST", path, body, who=self._may("Add Comments"))

    async def attach(self, reference: str, note: Note) -> None:
        if note.exhibit is None:
            return
        there = (await self._issue(reference, "attachment")).attachment
        if any(one.filename == note.file for one in there):
            return
        path, guard = f"/issue/{reference}/attachments", {"X-Atlassian-Token": "no-check"}
        who = self._may("Create Attachments")
        await self._api.upload(path, note.file, note.exhibit, guard, who=who)

    async def standing(self, reference: str) -> Standing:
        issue = await self._issue(reference, "status,labels")
        status = issue.status
        named = (status.name,) if status else ()
        return Standing(status is not None and status.done, (*named, *issue.labels))

    async def close(self, reference: str) -> None:
        resolution = self._config.resolution
        fields: Node = {"fields": {"resolution": {"name": resolution}}} if resolution else {}
        await self._transit(reference, "RESOLVE_BY", self._config.resolve_by, fields, done=True)

    async def reopen(self, reference: str) -> None:
        await self._transit(reference, "REOPEN_BY", self._config.reopen_by, {}, done=False)

    async def relate(self, problem: str, reference: str) -> None:
        linked = (await self._issue(problem, "issuelinks")).issuelinks
        if any(reference in one.keys for one in linked):
            return
        body: JsonValue = {
            "type": {"name": self._config.problem_link},
            "inwardIssue": {"key": problem},
            "outwardIssue": {"key": reference},
        }
        who = f"{self._may('Link Issues')}, and HEAL_JIRA_PROBLEM_LINK must be a type of link"
        await self._api.write("POST", "/issueLink", body, who=who)

    async def lacks(self) -> str:
        await self._me()
        wanted = {**NEEDS, **(TO_OPEN if self._config.open_in else {})}
        wanted |= TO_RELATE if self._config.problem_type else {}
        for key in self._config.projects:
            asked = {"projectKey": key, "permissions": ",".join(wanted)}
            who = "HEAL_JIRA_PROJECTS names a project that it does not know, or does not show us"
            answer = await self._api.ask("/mypermissions", asked, who=who)
            had = read(Permissions, answer).permissions
            lacks = [says for name, says in wanted.items() if name not in had or not had[name].had]
            if lacks:
                return f"{self._config.user} lacks {', '.join(lacks)} in the project {key}: give it"
        return ""

    async def _transit(
        self, reference: str, setting: str, wanted: str, fields: Node, *, done: bool
    ) -> None:
        path = f"/issue/{reference}/transitions"
        known = read(Transitions, await self._ask(path)).transitions
        ways = _ways(known, wanted, done=done)
        if len(ways) != 1:
            raise PermanentError(_which(reference, f"HEAL_JIRA_{setting}", wanted, known, ways))
        asks = f"and {ways[0].name!r} must ask for nothing but HEAL_JIRA_RESOLUTION"
        who = f"{self._may('Transition Issues')}, {asks}"
        await self._api.write("POST", path, {"transition": {"id": ways[0].id}, **fields}, who=who)

    async def _issue(self, reference: str, fields: str) -> Fields:
        return read(Issue, await self._ask(f"/issue/{reference}", {"fields": fields})).fields

    async def _ask(self, path: str, asked: dict[str, str] | None = None) -> Answer:
        return await self._api.ask(path, asked, who=self._may("Browse Projects"))

    async def _me(self) -> str:
        """Its own name for our account: only what that wrote is ours."""
        self._own = self._own or read(Me, await self._ask("/myself")).id
        return self._own

    def _may(self, permission: str) -> str:
        return f"{self._config.user} needs {permission!r} in its project"


def document(note: Note) -> Node:
    """Write a note as Jira takes it."""
    blocks = [_adf.paragraph(*_adf.strong(note.title))]
    if note.text.strip():
        blocks.append(_adf.lines(note.text))
    if note.table:
        blocks.append(_adf.table(note.table.names, note.table.rows))
    if note.link:
        blocks.append(_adf.paragraph(*_adf.link(f"All of {note.incident}", note.link)))
    return _adf.document([*blocks, _adf.paragraph(*_adf.code(" ".join(note.signature)))])


def _label(mark: str) -> str:
    return f"heal-{mark}"


def _ways(known: Sequence[Transition], wanted: str, *, done: bool) -> list[Transition]:
    if wanted:
        return [one for one in known if one.is_called(wanted)][:1]
    return [one for one in known if one.to.done is done]


def _which(
    reference: str,
    setting: str,
    wanted: str,
    known: Sequence[Transition],
    ways: Sequence[Transition],
) -> str:
    """Why it is not moved, and what to set."""
    names = ", ".join(repr(one.name) for one in (ways or known)) or "none that we may take"
    what = f"no transition {wanted!r}" if wanted else "no transition" if not ways else "several"
    if not known:
        return f"{reference} has no transition that we may take: give 'Transition Issues' there"
    return f"{reference} has {what} to take from here; it has {names}: set {setting} to one of them"


PLUGIN = JiraTickets
