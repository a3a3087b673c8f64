"""What Jira is told about itself, and what of its answers is read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, SecretStr, model_validator

from bot.clients import addresses
from bot.clients.apis import Sent
from bot.plugins import Words
from bot.tickets._issues import TrackerSettings

KEY = r"^[A-Z][A-Z0-9_]{1,49}-[1-9]\d{0,11}$"


class JiraTicketSettings(TrackerSettings):
    """The settings HEAL_JIRA_*."""

    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        description="the https address of the site, https://acme.atlassian.net; for a token with "
        "scopes https://api.atlassian.com/ex/jira/ and the id of the cloud"
    )
    user: str = Field(
        min_length=3, pattern=r"^[^\s:]+$", description="the account's e-mail address"
    )
    token: SecretStr = Field(
        min_length=1, description="its API token; secret, best by its file: HEAL_JIRA_TOKEN_FILE"
    )
    projects: Words = Field(
        min_length=1, description="keys of the projects whose issues may be written to, with commas"
    )
    type: str = Field(default="Task", min_length=1, description="the type of what is opened")
    resolve_by: str = Field(
        default="",
        description="the transition that resolves, or the status that it leads to; empty = the "
        "only one there is to a status that is done",
    )
    resolution: str = Field(
        default="", description="the resolution that this transition asks for, if it does"
    )
    reopen_by: str = Field(
        default="",
        description="the transition that opens again, or the status that it leads to; empty = the "
        "only one there is to a status that is not done",
    )
    problem_type: str = Field(
        default="", description="the type of a problem record; empty = none is opened"
    )
    problem_link: str = Field(
        default="Relates", min_length=1, description="the type of the link to a problem record"
    )
    site: str = Field(
        default="", description="where people open issues, if that is not `url`: https://…"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> JiraTicketSettings:
        if self.open_in and self.open_in not in self.projects:
            raise ValueError("HEAL_JIRA_OPEN_IN is none of HEAL_JIRA_PROJECTS: add it there")
        return self


class Category(Sent):
    key: str


class Status(Sent):
    name: str
    category: Category = Field(alias="statusCategory")

    @property
    def done(self) -> bool:
        return self.category.key == "done"


class Key(Sent):
    key: str = Field(pattern=KEY)


class Attached(Sent):
    filename: str


class Linked(Sent):
    """The other end of a link: one of both is given."""

    inward: Key | None = Field(default=None, alias="inwardIssue")
    outward: Key | None = Field(default=None, alias="outwardIssue")

    @property
    def keys(self) -> set[str]:
        return {one.key for one in (self.inward, self.outward) if one}


class Me(Sent):
    id: str = Field(alias="accountId")


class Fields(Sent):
    status: Status | None = None
    attachment: tuple[Attached, ...] = ()
    description: JsonValue = None
    creator: Me | None = None
    labels: tuple[str, ...] = ()
    issuelinks: tuple[Linked, ...] = ()


class Issue(Key):
    fields: Fields = Fields()


class Found(Sent):
    issues: tuple[Issue, ...]


class Comment(Sent):
    author: Me | None = None
    body: JsonValue = None


class Comments(Sent):
    total: int
    comments: tuple[Comment, ...]


class Transition(Sent):
    id: str
    name: str
    to: Status

    def is_called(self, name: str) -> bool:
        return name.casefold() in {self.name.casefold(), self.to.name.casefold()}


class Transitions(Sent):
    transitions: tuple[Transition, ...]


class Permission(Sent):
    had: bool = Field(alias="havePermission")


class Permissions(Sent):
    permissions: dict[str, Permission]
