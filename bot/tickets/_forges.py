"""Forges: what GitHub and GitLab have in common, whose issues are Markdown in a repository."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, TypeAdapter, ValidationError, model_validator

from bot.clients.apis import PAGE, PAGES, Api, Sent
from bot.core import visible
from bot.core.errors import PermanentError
from bot.plugins import Words
from bot.tickets import _markdown
from bot.tickets._issues import Issues, TrackerSettings
from bot.tickets._notes import Note

TITLE = 250
"""Signs of a title, which is Markdown as well."""
_PATH = re.compile(r"[A-Za-z0-9_][\w.-]*(?:/(?!\.\.?(?:/|#|$))[\w.-]+)+", re.ASCII)
_SHORT = re.compile(rf"({_PATH.pattern})#([1-9]\d{{0,9}})", re.ASCII)

_T = TypeVar("_T", bound=Sent)


class ForgeSettings(TrackerSettings):
    """Settings of both; which repositories may be written to has a name of its own in each."""

    token: SecretStr = Field(min_length=1, description="its access token; secret, best by its file")
    labels: Words = Field(
        default=("heal",), description="labels of what is opened, with commas between them"
    )
    problem_labels: Words = Field(
        default=(),
        description="labels of a problem record, with commas; empty = none is opened",
    )

    @property
    def places(self) -> tuple[str, ...]:
        """Which may be written to; both give it, and what is of neither is never made."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _one_of_them(self) -> ForgeSettings:
        odd = [place for place in self.places if not _PATH.fullmatch(place)]
        if odd:
            raise ValueError(f"{odd[0]!r} is no path of a repository: write it as owner/name")
        if self.open_in and self.open_in not in self.places:
            raise ValueError(f"issues cannot be opened in {self.open_in!r}: list it as well")
        return self


class Forge(Issues):
    """Writes Markdown in which nothing from outside is Markdown, a person, issue or commit."""

    longest: ClassVar[int]
    page: ClassVar[re.Pattern[str]]
    """The path of an issue's page: the repository, and its number."""
    _api: Api

    def __init__(self, config: ForgeSettings, site: str) -> None:
        super().__init__(config, problems=bool(config.problem_labels))
        self._places = config.places
        self._labels: dict[bool, tuple[str, ...]] = {
            False: config.labels,
            True: config.problem_labels,
        }
        self._host = urlsplit(site).netloc

    def refers(self, said: str) -> str:
        url = urlsplit(said.strip())
        known = self.page.fullmatch(url.path) if url.netloc == self._host else None
        known = known or _SHORT.fullmatch(said.strip())
        return f"{known[1]}#{known[2]}" if known and known[1] in self._places else ""

    def body(self, note: Note, shown: str) -> str:
        """Write a note within what the forge takes; what is too long is left out from its end."""
        whole = self._body(note, shown)
        if len(whole) > self.longest:
            whole = self._body(note, "")
        if len(whole) > self.longest:
            short = f"{note.text[:1000]}…\n(the rest is in the transcript)"
            whole = self._body(note._replace(table=None, text=short), "")
        return whole

    def _body(self, note: Note, shown: str) -> str:
        parts = [
            f"**{_markdown.words(note.title)}**",
            _markdown.lines(note.text),
            _markdown.table(*note.table) if note.table else "",
            shown,
            f"Belongs to {note.about}" if note.about else "",
            _markdown.link(f"All of {note.incident}", note.link) if note.link else "",
            " ".join(map(_markdown.code, note.signature)),
        ]
        return "\n\n".join(part for part in parts if part)

    async def pages(
        self, path: str, asked: Mapping[str, str], kind: type[_T], who: str, first: int = 1
    ) -> Sequence[_T]:
        """Read a list from a page on to its end, or as much of it as is read at most."""
        found: list[_T] = []
        for page in range(first, first + PAGES):
            query = {**asked, "per_page": f"{PAGE}", "page": f"{page}"}
            answer = await self._api.ask(path, query, who=who)
            try:
                told = TypeAdapter(list[kind]).validate_json(answer.body)  # type: ignore[valid-type]
            except ValidationError as error:
                slip = error.errors(include_url=False, include_input=False)[0]
                raise PermanentError(f"{answer.place} answered oddly: {slip['msg']}") from None
            found += told
            if len(told) < PAGE:
                break
        return found

    @abstractmethod
    def address(self, reference: str) -> str:
        """The path of an issue in the API."""


def title(text: str) -> str:
    """
    Write a title: a line of Markdown for both, in which nobody is mentioned.

    >>> title("shop: @ana, see #12")
    'shop: `@ana,` see `#12`'
    """
    said = visible.line(text).split()
    while len(written := _markdown.words(" ".join(said))) > TITLE and len(said) > 1:
        said.pop()
    return written if len(written) <= TITLE else _markdown.words(said[0][:40])


def signed(texts: Iterable[tuple[str | None, bool]]) -> list[str]:
    """Those texts that we wrote, as they were before they were Markdown in their last line."""
    return [text.replace("`", "") for text, ours in texts if text and ours]
