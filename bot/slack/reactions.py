"""Reactions on a card: proved to be answers to the question on it, then handed to the engine.

A reaction carries no value: it says only which message, who, and when. So it counts only on an
incident's own card, and only when it was given after the question was there to be read.
"""

from __future__ import annotations

from decimal import Decimal

from bot import ports
from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.slack import letters
from bot.slack.answering import Answers
from bot.slack.asked import Reacted, Sign
from bot.slack.cards import calling, question
from bot.slack.standing import Standing

TOO_EARLY = (
    "You reacted before the plan was there to be read, so that does not count. Read the card, "
    "then press a button, or take the reaction back and give it again."
)


class Reactions:
    """What people mean by ✅, ⏸️ and ❌; where nothing is asked, they are only reactions."""

    def __init__(
        self,
        requests: ports.Requests,
        calls: ports.Calls,
        cases: ports.Cases,
        places: Standing,
        answers: Answers,
    ) -> None:
        self._calls = calls
        self._requests = requests
        self._cases = cases
        self._places = places
        self._answers = answers

    async def reacted(self, asked: Reacted) -> None:
        """Deal with one; that it was taken back again later means nothing."""
        slot = await self._places.find_by_ts(asked.channel, asked.message_ts) or ""
        incident = self._cases.get(letters.incident_of(slot)) if slot else None
        if incident is not None and calling.is_call(slot):
            await self._take(asked, incident)
            return
        if incident is None or slot != letters.card(incident.id):
            return
        request = incidents.request_of(incident)
        if request is None:
            return
        if not await self._after_the_question(asked, incident, request.round):
            await self._answers.say(asked, TOO_EARLY)
            return
        name, round_, who = incident.id, request.round, asked.user
        match asked.sign:
            case Sign.PAUSE:
                said = await self._requests.pause(name, round_, who)
            case sign:
                yes = sign is Sign.APPROVE
                why = "" if yes else "skipped"
                said = await self._requests.vote(name, round_, who, yes=yes, why=why, reacted=True)
        await self._answers.say(asked, said.text)

    async def _take(self, asked: Reacted, incident: Incident) -> None:
        """On the note that calls people a yes means that somebody has it; all else is a sign."""
        if asked.sign is Sign.APPROVE and calling.open_(incident):
            said = await self._calls.take(incident.id, asked.user)
            await self._answers.say(asked, said.text)

    async def _after_the_question(self, asked: Reacted, incident: Incident, round_: int) -> bool:
        """Slack's clock on both sides: the question in the thread is its own message."""
        slot = letters.note(incident.id, question.ask_slot(round_))
        place = await self._places.where(slot)
        return place is not None and Decimal(asked.at) > Decimal(place.ts)
