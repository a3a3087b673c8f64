"""Who and what is in the workspace when it opens: people, channels, groups and the app.

Every value can be replaced: `Cast(people=(...), app=App(scopes=frozenset({...})))`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

SCOPES = frozenset(
    [
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "chat:write",
        "commands",
        "files:write",
        "reactions:read",
        "reactions:write",
        "links:read",
        "links:write",
        "users:read",
        "users:read.email",
        "usergroups:read",
    ]
)
EVENTS = frozenset(
    [
        "app_home_opened",
        "app_mention",
        "reaction_added",
        "link_shared",
        "message.channels",
        "message.groups",
        "message.im",
        "member_joined_channel",
        "app_uninstalled",
        "tokens_revoked",
    ]
)


@dataclass(frozen=True)
class Person:
    """Somebody with a keyboard; `role` is what the page shows next to the name."""

    id: str
    name: str
    real_name: str
    role: str = "member"
    colour: str = "4a6fa5"
    email: str = ""

    def __post_init__(self) -> None:
        if not self.email:
            object.__setattr__(self, "email", f"{self.name}@example.com")


@dataclass(frozen=True)
class Room:
    """A channel; `bot_inside` says whether the bot was invited before the story begins."""

    id: str
    name: str
    topic: str = ""
    private: bool = False
    bot_inside: bool = True


@dataclass(frozen=True)
class Group:
    """A user group and the ids of its members."""

    id: str
    handle: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A slash command of the app and the hint that Slack shows while it is typed."""

    name: str
    hint: str = ""


@dataclass(frozen=True)
class App:
    """The bot as its manifest describes it, with the secrets of its installation."""

    id: str = "A0HEAL"
    user_id: str = "U0HEAL"
    bot_id: str = "B0HEAL"
    name: str = "heal"
    bot_token: str = "xoxb-local"  # noqa: S105 - opens this workspace only
    app_token: str = "xapp-local"  # noqa: S105
    signing_secret: str = "local-signing-secret"  # noqa: S105
    client_id: str = "1.0"
    client_secret: str = "local-client-secret"  # noqa: S105
    redirect_urls: frozenset[str] = frozenset()
    """Where sign-ins may come back to; anywhere when none is listed."""
    scopes: frozenset[str] = SCOPES
    events: frozenset[str] = EVENTS
    unfurl_domains: frozenset[str] = frozenset({"heal.example.org"})
    commands: tuple[Command, ...] = (
        Command(
            "/heal",
            "help | list | run <runbook> | dry-run <runbook> | status | history | stop | resume",
        ),
    )
    message_shortcuts: frozenset[str] = frozenset({"heal_message"})
    global_shortcuts: frozenset[str] = frozenset({"heal_global"})


PEOPLE = (
    Person("U0OLIVIA", "olivia", "Olivia Chen", "on-call", "2b7a78"),
    Person("U0ANDRE", "andre", "André Silva", "approver", "b5651d"),
    Person("U0ANA", "ana", "Ana Ruiz", "approver", "7d4f9e"),
    Person("U0SAM", "sam", "Sam Stranger", "stranger", "777777"),
)
ROOMS = (
    Room("C0ALERTS", "alerts", "What monitoring says"),
    Room("C0INCIDENTS", "incidents", "What people do about it"),
    Room("C0GENERAL", "general", "Everything else"),
)
GROUPS = (
    Group("S0ONCALL", "oncall", ("U0OLIVIA",)),
    Group("S0APPROVERS", "approvers", ("U0ANDRE", "U0ANA")),
)


@dataclass(frozen=True)
class Cast:
    """The whole workspace at its first moment."""

    team_id: str = "T0LOCAL"
    team_name: str = "Local workspace"
    people: tuple[Person, ...] = PEOPLE
    rooms: tuple[Room, ...] = ROOMS
    groups: tuple[Group, ...] = GROUPS
    app: App = field(default_factory=App)


@dataclass(frozen=True)
class Timing:
    """How long Slack waits, in seconds; `scaled` makes all of it quicker for a test."""

    ack: float = 3
    retries: tuple[float, ...] = (0, 60, 300)
    trigger: float = 3
    response_url: float = 1800
    refresh_grace: float = 10
    stream_idle: float = 180

    def scaled(self, by: float) -> Timing:
        """Every wait multiplied by `by`."""
        return replace(
            self,
            ack=self.ack * by,
            retries=tuple(delay * by for delay in self.retries),
            trigger=self.trigger * by,
            response_url=self.response_url * by,
            refresh_grace=self.refresh_grace * by,
            stream_idle=self.stream_idle * by,
        )
