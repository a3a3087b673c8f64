"""What an administrator or fate does: people leave, groups change, connections and tokens die."""

from __future__ import annotations

from collections.abc import Iterable

from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.faults import Fault, Faults
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.wire import NotPossible


class Governing(Stage):
    """Changes to the workspace itself."""

    faults: Faults
    sockets: Sockets

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

    async def refresh(self) -> None:
        """Does what Slack does every few hours: asks each socket to reconnect, then closes it."""
        await self.sockets.refresh()

    def drop_sockets(self) -> None:
        """Cuts every socket without a goodbye."""
        self.sockets.drop()

    def fail_next(
        self, method: str, fault: int | str, times: int = 1, *, retry_after: int | None = None
    ) -> None:
        """The next calls of a method are not done: an HTTP status, or a Slack error by name."""
        if isinstance(fault, int):
            error = "ratelimited" if fault == 429 else "internal_error"
            self.faults.plan(method, Fault(fault, error, retry_after), times)
        else:
            self.faults.plan(method, Fault(error=fault, retry_after=retry_after), times)

    def lose_next(self, method: str, times: int = 1) -> None:
        """The next calls of a method are done, but the connection breaks before the answer."""
        self.faults.plan(method, Fault(done=True), times)

    def duplicate_next(self, times: int = 1) -> None:
        """The next events come twice, with the same `event_id`."""
        self.faults.plan_duplicates(times)
