"""What an administrator does: people leave, groups change, channels close, the app goes."""

from __future__ import annotations

from collections.abc import Iterable

from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.wire import NotPossible


class Governing(Stage):
    """Changes to the workspace itself."""

    async def deactivate(self, user: str) -> None:
        """Takes a person's account away: they stay in old messages, and in no group."""
        self.world.departed.add(self.world.person(user))
        self.world.pulse.changed()

    async def set_group(self, group: str, members: Iterable[str]) -> None:
        """Changes who is in a user group, given by id or handle."""
        ids = {known.handle: known.id for known in self.world.cast.groups}
        name = ids.get(group, group)
        if name not in self.world.groups:
            raise NotPossible(f"There is no user group {group!r} in this workspace.")
        self.world.groups[name] = [self.world.person(member) for member in members]
        self.world.pulse.changed()

    async def revoke_token(self) -> None:
        """Uninstalls the bot: `tokens_revoked` is sent, every later call is refused."""
        tokens = {"oauth": [], "bot": [self.world.app.user_id]}
        self.deliveries.announce({"type": "tokens_revoked", "tokens": tokens})
        self.world.token_revoked = True
        self.world.pulse.changed()

    async def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archives a channel, or opens it again: it can be read, and nothing is written there."""
        self.world.channel(channel).archived = archived
        self.world.pulse.changed()

    async def remove_bot(self, channel: str) -> None:
        """Takes the bot out of a channel; `invite` brings it back."""
        self.world.channel(channel).members.discard(self.world.app.user_id)
        self.world.pulse.changed()

    async def remove_message(self, channel: str, ts: str) -> None:
        """Deletes anybody's message, as an administrator may."""
        self.letters.delete(self.world.channel(channel).id, ts)
