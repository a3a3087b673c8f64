"""What every act works with."""

from __future__ import annotations

from bot.rehearsal.workspace import payloads
from bot.rehearsal.workspace.deliveries import Deliveries
from bot.rehearsal.workspace.grants import ResponseUrls, Triggers
from bot.rehearsal.workspace.lines import Kind, Reply
from bot.rehearsal.workspace.messages import Messages
from bot.rehearsal.workspace.responses import Responses
from bot.rehearsal.workspace.views import Views
from bot.rehearsal.workspace.wire import Json, NotAnswered, NotPossible
from bot.rehearsal.workspace.world import Channel, World


class Stage:
    """The parts of a workspace; each kind of act is a class that stands on it."""

    world: World
    letters: Messages
    views: Views
    triggers: Triggers
    response_urls: ResponseUrls
    responses: Responses
    deliveries: Deliveries

    def _place(self, user: str, channel: str) -> tuple[str, Channel]:
        """The person and the channel; NotPossible when the one cannot write into the other."""
        person, place = self.world.person(user), self.world.channel(channel)
        if place.archived:
            raise NotPossible(f"{place.name!r} is archived: nothing is written there.")
        if person not in place.members:
            raise NotPossible(f"{self.world.people[person].real_name} is not in {place.name!r}.")
        return person, place

    def _seen(self, person: str, channel: str, ts: str) -> Json:
        """A message as this person sees it, ephemeral ones included."""
        for note in self.world.ephemerals:
            if (note.channel, note.to, note.ts) == (channel, person, ts):
                return note.message
        found = self.world.messages[channel].get(ts)
        if found is None:
            raise NotPossible(f"There is no message {ts} here for {person} to see.")
        return found

    async def _ask(self, kind: Kind, payload: Json, what: str) -> Reply:
        """Delivers once; NotAnswered when the bot does not acknowledge in Slack's time."""
        reply = await self.deliveries.ask(kind, payload)
        if not reply.acked:
            raise NotAnswered(f"{what} was not acknowledged by the bot in time ({reply.reason}).")
        return reply

    def _interaction(self, kind: str, user: str, **fields: object) -> Json:
        return payloads.interaction(self.world, kind, user, **fields)
