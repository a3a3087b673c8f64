"""Buttons and forms: proved to belong to the card that stands now, then handed to the engine.

A button's value names an incident and a round, but anybody could have made it up: it counts only
on the message that the outbox knows as that incident's own.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from bot import ports
from bot.core.incident import Incident
from bot.core.spelling import quoted
from bot.slack import batching, forms, letters, reading
from bot.slack.answering import Answers
from bot.slack.asked import Click, ShortcutUsed, Submission
from bot.slack.cards import asking, batch, calling, cancelling, editing, modals, permits, review
from bot.slack.standing import Standing

_VALUE = re.compile(r"([a-z0-9-]{1,40})(?:\.([0-9]{1,6}))?")


class Buttons:
    """
    What can be pressed; `refused` is told of values that do not belong to their message.

    `attach` puts an incident's plan into its thread.
    """

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        places: Standing,
        answers: Answers,
        refused: Callable[[str], None],
        *,
        attach: Callable[[Incident], Awaitable[None]],
        command: str = "/heal",
    ) -> None:
        self._attach = attach
        self._requests = engine.requests
        self._permits = engine.permits
        self._edits = engine.edits
        self._orders = engine.orders
        self._batches = engine.batches
        self._calls = engine.calls
        self._cases = cases
        self._places = places
        self._answers = answers
        self._refused = refused
        self._command = command

    async def clicked(self, click: Click) -> None:
        """Deal with a button of a card."""
        if click.action in permits.ACTIONS:
            await self._permit(click)
            return
        if click.action in batch.ACTIONS:
            await self._batch(click)
            return
        incident, round_ = self._named(click.value)
        slot = await self._slot(click)
        if incident is None or not _belongs(slot, incident, click.action):
            await self._not_its_card(click)
            return
        match click.action:
            case asking.REJECT:
                await self._ask_why(click, incident, round_)
            case asking.EDIT:
                await self._edit(click, incident, round_)
            case asking.DETAILS:
                await self._show(click, incident)
            case _:
                said = await self._asked(click, incident, round_)
                unknown = "This button has no meaning any more."
                await self._answers.say(click, said.text if said else unknown)

    async def _asked(self, click: Click, incident: Incident, round_: int) -> ports.Answer | None:
        """Hand it to the engine; None for a button that has no meaning."""
        name, who, once = incident.id, click.user, reading.once(click)
        match click.action:
            case asking.APPROVE:
                call = self._requests.vote(name, round_, who, yes=True, why="")
            case asking.KEEP:
                call = self._requests.keep(name, who)
            case asking.UNDO:
                thread = incident.opened.thread
                call = self._requests.undo(name, who, click.channel, thread, once)
            case review.RIGHT | review.WRONG:
                right = click.action == review.RIGHT
                call = self._requests.review(name, who, right=right)
            case cancelling.CANCEL:
                call = self._requests.cancel(name, who, "")
            case asking.AGAIN:
                call = self._requests.again(name, who, once)
            case calling.TAKE:
                call = self._calls.take(name, who)
            case asking.PROBLEM:
                call = self._orders.propose(name, who)
            case _:
                return None
        return await call

    async def _permit(self, click: Click) -> None:
        """Deal with a button on the card of a pre-approval."""
        name, who = click.value, click.user
        if await self._slot(click) != letters.permit(name):
            await self._not_its_card(click)
            return
        match click.action:
            case permits.REVOKE:
                said = await self._permits.revoke(name, who, "")
            case action:
                yes = action == permits.GRANT
                said = await self._permits.decide(name, who, yes=yes, why="")
        await self._answers.say(click, said.text)

    async def _batch(self, click: Click) -> None:
        """Deal with a button that answers all questions of one kind."""
        key, plans = batching.named(click.value)
        slot = await self._slot(click)
        if not plans or slot != letters.batch(key):
            await self._not_its_card(click)
            return
        yes = click.action == batch.APPROVE
        why = "" if yes else batch.WHY_NOT
        said = await self._batches.vote_all(plans, click.user, yes=yes, why=why)
        await self._answers.say(click, said.text)

    async def submitted(self, form: Submission) -> None:
        """Deal with the form that says why not, or what shall be otherwise."""
        incident, round_ = self._named(form.about)
        if form.form == asking.EDIT and incident is not None:
            given = editing.given(form.fields)
            said = await self._edits.edit(incident.id, round_, form.user, given)
            await self._answers.say(form, said.text)
            return
        if form.form != asking.REJECT or incident is None:
            self._refused(f"{form.user} sent a form about {quoted(form.about)}, which is nothing")
            return
        said = await self._requests.vote(
            incident.id, round_, form.user, yes=False, why=forms.reason(form)
        )
        if not said.done:
            await self._answers.say(form, said.text)

    async def shortcut(self, used: ShortcutUsed) -> bool:
        """Show what is known of the incident whose message it was; False when it is nobody's."""
        slot = ""
        for ts in filter(None, (used.message_ts, used.thread)):
            slot = slot or await self._places.find_by_ts(used.channel, ts, used.thread) or ""
        incident = self._cases.get(letters.incident_of(slot)) if slot else None
        if incident is not None:
            await self._show(used, incident)
        return incident is not None

    def _named(self, value: str) -> tuple[Incident | None, int]:
        """The incident and the round of a value; round 0 when it names none."""
        found = _VALUE.fullmatch(value)
        if found is None:
            return None, 0
        return self._cases.get(found[1]), int(found[2] or 0)

    async def _ask_why(self, click: Click, incident: Incident, round_: int) -> None:
        if not await self._answers.open(click.trigger_id, modals.reject(incident, round_)):
            await self._answers.say(
                click,
                "The form could not be opened in time. Press Reject again, or write "
                f"`{self._command} reject {incident.id} <why>`.",
            )

    async def _edit(self, click: Click, incident: Incident, round_: int) -> None:
        known = self._edits.editable(incident.id)
        if not known:
            text = "Nothing in this plan can be given another value: the catalogue says it all."
            await self._answers.say(click, text)
        elif not await self._answers.open(click.trigger_id, editing.form(incident, round_, known)):
            await self._answers.say(click, "The form could not be opened in time. Press again.")

    async def _show(self, asked: Click | ShortcutUsed, incident: Incident) -> None:
        if not await self._answers.open(asked.trigger_id, modals.details(incident)):
            await self._answers.say(asked, "The details could not be opened in time. Press again.")
        await self._attach(incident)

    async def _slot(self, click: Click) -> str | None:
        """Which message of ours the button stands on; TemporaryError while nobody can tell."""
        return await self._places.find_by_ts(click.channel, click.message_ts, click.thread)

    async def _not_its_card(self, click: Click) -> None:
        self._refused(
            f"{click.user} pressed {quoted(click.action)} with {quoted(click.value)} on a message "
            "that is not that incident's card"
        )
        await self._answers.say(
            click,
            "This button is not on an incident's current card, so nothing was done. "
            f"Use the buttons on its card, or `{self._command} status`.",
        )


def _belongs(slot: str | None, incident: Incident, action: str) -> bool:
    """Whether a button stands where it may: to take it, on whatever calls people for it."""
    if action == calling.TAKE:
        return slot is not None and letters.incident_of(slot) == incident.id
    return slot == letters.card(incident.id)
