"""`github`: issues of repositories on GitHub, kept in step by comments and their state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, JsonValue

from bot.clients import addresses
from bot.clients.apis import PAGE, PAGES, Api, Sent, read
from bot.clients.rig import Rig
from bot.core import chain
from bot.core.errors import PermanentError
from bot.core.incident import Incident
from bot.plugins import Words
from bot.tickets import _forges, _markdown, _notes
from bot.tickets._forges import Forge, ForgeSettings
from bot.tickets._issues import Standing
from bot.tickets._notes import Note

VERSION = "2022-11-28"
"""The version of the API that is written for."""
INLINE = 20_000
"""Signs of an exhibit within a comment: GitHub takes no files by its API."""


class GithubSettings(ForgeSettings):
    """The settings HEAL_GITHUB_*."""

    repositories: Words = Field(
        min_length=1,
        description="repositories whose issues may be written to, as owner/name, with commas; "
        "private ones: notes tell what is wrong, and where",
    )
    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://api.github.com",
        description="the https address of the API; of an own server https://github.acme.com/api/v3",
    )

    @property
    def places(self) -> tuple[str, ...]:
        return self.repositories

    @property
    def site(self) -> str:
        """Where people open its pages."""
        own = self.url.removesuffix("/api/v3")
        return "https://github.com" if own == "https://api.github.com" else own


class _User(Sent):
    login: str


class _Label(Sent):
    name: str


class _Issue(Sent):
    number: int = 0
    comments: int = 0
    state: str = ""
    body: str | None = None
    user: _User | None = None
    pull_request: JsonValue = None
    labels: tuple[_Label, ...] = ()


class _Comment(Sent):
    body: str | None = None
    user: _User | None = None


class _Rights(Sent):
    triage: bool = False
    push: bool = False


class _Repository(Sent):
    archived: bool = False
    has_issues: bool = True
    private: bool = True
    permissions: _Rights = _Rights()


class GithubTickets(Forge):
    """Closed is resolved; a text is folded into the note, a picture is looked at on our page."""

    config = GithubSettings
    longest = 65_000
    page: ClassVar[re.Pattern[str]] = re.compile(r"/([\w.-]+/[\w.-]+)/issues/([1-9]\d{0,9})/?")

    def __init__(self, config: GithubSettings, rig: Rig) -> None:
        super().__init__(config, config.site)
        headers = {
            "Authorization": f"Bearer {config.token.get_secret_value()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
        }
        self._api = Api("GitHub", config.url, headers, "HEAL_GITHUB_TOKEN", rig.http)
        self._own = ""

    def address(self, reference: str) -> str:
        path, _, number = reference.rpartition("#")
        return f"/repos/{path}/issues/{number}"

    async def find(self, incident: Incident, mark: str) -> str:
        """Read what we opened since: unlike its search, a list shows it at once."""
        if not self._open_in:
            return ""
        since = chain.stamp(incident.opened_at - timedelta(days=1))[:19] + "Z"
        asked = {"state": "all", "creator": await self._me(), "since": since}
        found = await self.pages(f"/repos/{self._open_in}/issues", asked, _Issue, self._may())
        for one in found:
            [text] = _forges.signed([(one.body, True)]) or [""]
            if mark in _notes.marks(text):
                return f"{self._open_in}#{one.number}"
        return ""

    async def open(self, title: str, note: Note, *, problem: bool = False) -> str:
        sent: JsonValue = {
            "title": _forges.title(title),
            "body": self._text(note),
            "labels": [*self._labels[problem]],
        }
        path = f"/repos/{self._open_in}/issues"
        answer = await self._api.write("POST", path, sent, who=self._may())
        return f"{self._open_in}#{read(_Issue, answer).number}"

    async def written(self, reference: str) -> Iterable[str]:
        own = await self._me()
        issue = await self._issue(reference)
        # GitHub lists comments oldest first, and in no other order: the last pages have ours.
        first = max(issue.comments // PAGE + 2 - PAGES, 1)
        path = f"{self.address(reference)}/comments"
        said = await self.pages(path, {}, _Comment, self._may(), first)
        texts = [(issue.body, issue.user), *((one.body, one.user) for one in said)]
        return _forges.signed((text, who is not None and who.login == own) for text, who in texts)

    async def comment(self, reference: str, note: Note) -> None:
        path = f"{self.address(reference)}/comments"
        await self._api.write("POST", path, {"body": self._text(note)}, who=self._may())

    async def standing(self, reference: str) -> Standing:
        issue = await self._issue(reference)
        if issue.pull_request is not None:
            raise PermanentError(f"{reference} is a pull request, and no issue")
        return Standing(issue.state == "closed", tuple(one.name for one in issue.labels))

    async def close(self, reference: str) -> None:
        await self._set(reference, {"state": "closed", "state_reason": "completed"})

    async def reopen(self, reference: str) -> None:
        await self._set(reference, {"state": "open", "state_reason": "reopened"})

    async def relate(self, problem: str, reference: str) -> None:
        """Do nothing: what a text refers to is linked there by GitHub itself."""

    async def lacks(self) -> str:
        await self._me()
        for path in self._places:
            one = read(_Repository, await self._api.ask(f"/repos/{path}", who=self._may()))
            if one.archived or not one.has_issues:
                return f"{path} takes no issues: it is archived, or they are switched off there"
            if not (one.permissions.triage or one.permissions.push):
                return f"HEAL_GITHUB_TOKEN may not close issues of {path}: give it the role Triage"
            if not one.private:
                return f"{path} is public, so anybody reads what Heal writes: name a private one"
        return ""

    async def _set(self, reference: str, state: JsonValue) -> None:
        await self._api.write("PATCH", self.address(reference), state, who=self._may())

    async def _issue(self, reference: str) -> _Issue:
        return read(_Issue, await self._api.ask(self.address(reference), who=self._may()))

    async def _me(self) -> str:
        """Its own name for our account: only what that wrote is ours."""
        if not self._own:
            answer = await self._api.ask("/user", who="HEAL_GITHUB_TOKEN has to be of an account")
            self._own = read(_User, answer).login
        return self._own

    def _text(self, note: Note) -> str:
        if note.exhibit is None or not note.exhibit.said.media.startswith("text/"):
            return self.body(note, "")
        shown = note.exhibit.octets.decode("utf-8", "replace")[:INLINE]
        opened = f"<details><summary>{note.file}</summary>"
        return self.body(note, f"{opened}\n\n{_markdown.fenced(shown)}\n\n</details>")

    def _may(self) -> str:
        return (
            "HEAL_GITHUB_TOKEN needs the permission Issues (read and write) in that repository, "
            "and the issue has to be there"
        )


PLUGIN = GithubTickets
