"""What is true in the workspace at this moment: people, channels, messages, files, views.

Everything else in this room reads and changes a `World`. Messages, users and views are kept as
the JSON that Slack would send, for this is the edge where that JSON is made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.rehearsal.workspace.cast import Cast, Timing
from bot.rehearsal.workspace.pulse import Pulse
from bot.rehearsal.workspace.wire import Json, NotPossible, Refused


@dataclass(frozen=True)
class Call:
    """One request of the bot to the Web API; `error` is None when it was answered ok."""

    method: str
    args: Json
    at: float
    error: str | None = None


@dataclass
class Ephemeral:
    """A message that only one person sees; it is in no history and goes with the client."""

    channel: str
    to: str
    message: Json

    @property
    def ts(self) -> str:
        return str(self.message["ts"])

    @property
    def text(self) -> str:
        return str(self.message["text"])


@dataclass
class StoredFile:
    """An uploaded file: what Slack tells about it, and what is in it once it was uploaded."""

    about: Json
    content: bytes | None = None
    shared: bool = False


@dataclass
class Channel:
    """A conversation: a channel, a private channel or the bot's direct messages with a person."""

    id: str
    name: str
    topic: str = ""
    private: bool = False
    with_person: str | None = None
    archived: bool = False
    members: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """The word of an event's `channel_type`."""
        if self.with_person:
            return "im"
        return "group" if self.private else "channel"


class World:
    """The state of one workspace. Ids and timestamps are unique in it and only grow."""

    def __init__(self, cast: Cast, clock: Clock, timing: Timing) -> None:
        self.cast, self.app, self.clock, self.timing = cast, cast.app, clock, timing
        self.pulse = Pulse()
        self.url = ""
        self.token_revoked = False
        self.people = {person.id: person for person in cast.people}
        self.departed: set[str] = set()
        self.guests: dict[str, str] = {}
        """People who are not of the company, each with the field of Slack's that says so."""
        self.groups = {group.id: list(group.members) for group in cast.groups}
        self.channels = {channel.id: channel for channel in self._first_channels()}
        self.messages: dict[str, dict[str, Json]] = {name: {} for name in self.channels}
        self.ephemerals: list[Ephemeral] = []
        self.files: dict[str, StoredFile] = {}
        self.statuses: dict[tuple[str, str], str] = {}
        self.calls: list[Call] = []
        self._ids = itertools.count(1)
        self._last_ts = 0

    def _first_channels(self) -> Iterator[Channel]:
        bot = self.app.user_id
        for room in self.cast.rooms:
            inside = set(self.people) | ({bot} if room.bot_inside else set())
            yield Channel(room.id, room.name, room.topic, room.private, members=inside)
        for person in self.people.values():
            direct = f"D{person.id[1:]}"
            members = {person.id, bot}
            yield Channel(direct, person.name, with_person=person.id, members=members)

    def new_id(self, prefix: str) -> str:
        """An id such as `F00000007`."""
        return f"{prefix}{next(self._ids):08d}"

    def new_ts(self) -> str:
        """A timestamp later than every other: Slack's id of a message within its channel."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(now, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def seconds(self) -> int:
        """The time in whole seconds since the epoch."""
        return int(self.clock.now().timestamp())

    def channel_by_id(self, channel: str) -> Channel:
        """As a method of the Web API sees it: names are not understood."""
        found = self.channels.get(channel)
        if found is None or (found.private and self.app.user_id not in found.members):
            raise Refused("channel_not_found")
        return found

    def channel(self, name: str) -> Channel:
        """As a person or a test says it: an id, a name, or a name with its sign."""
        bare = name.removeprefix("#")
        for channel in self.channels.values():
            if bare in {channel.id, None if channel.with_person else channel.name}:
                return channel
        raise NotPossible(f"There is no channel {name!r} in this workspace.")

    def person(self, name: str) -> str:
        """The id of an active person given by id or name."""
        for person in self.people.values():
            if name in {person.id, person.name}:
                if person.id in self.departed:
                    raise NotPossible(f"{person.real_name} was deactivated and cannot sign in.")
                return person.id
        raise NotPossible(f"There is no person {name!r} in this workspace.")

    def message(self, channel: str, ts: str) -> Json:
        """The message itself, to read or change; `message_not_found` when it is not there."""
        found = self.messages[channel].get(ts)
        if found is None:
            raise Refused("message_not_found")
        return found

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The root and its replies, oldest first."""
        return [
            message
            for message in self.messages[channel].values()
            if ts in {message["ts"], message.get("thread_ts")}
        ]

    def top_level(self, channel: str) -> list[Json]:
        """What the channel itself shows, oldest first: no replies, unless they were broadcast."""
        return [
            message
            for message in self.messages[channel].values()
            if message.get("thread_ts", message["ts"]) == message["ts"]
            or message.get("subtype") == "thread_broadcast"
        ]
