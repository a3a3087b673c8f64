"""What the methods of the Web API work with, and how a method is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.grants import Triggers
from bot.rehearsal.workspace.messages import Messages
from bot.rehearsal.workspace.pacing import Pacing
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.streams import Streams
from bot.rehearsal.workspace.views import Views
from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import World


@dataclass(frozen=True)
class Office:
    """Everything that a method may read or change."""

    world: World
    messages: Messages
    streams: Streams
    views: Views
    triggers: Triggers
    sockets: Sockets
    pacing: Pacing

    def inside(self, channel: str) -> str:
        """A channel that the bot is in, by id; else `channel_not_found` or `not_in_channel`."""
        found = self.world.channel_by_id(channel)
        if self.world.app.user_id not in found.members:
            raise Refused("not_in_channel")
        return found.id


@dataclass(frozen=True)
class Method:
    """One method: what it does, the scope it needs, and whether the app-level token calls it.

    `scope` may hold alternatives separated by `|`; `{kind}` in it is the kind of the channel
    that the call is about, as scopes name it: channels, groups, im.
    """

    call: Callable[[Office, Args], Json]
    scope: str = ""
    app_token: bool = False
    open_to_all: bool = False
