"""The desk: what people ask for in Slack becomes a call on a port, and they are told the answer.

Nothing is decided here: who may do what, and whether it is too late, is the engine's to say.
"""

from __future__ import annotations

import re

from bot import ports
from bot.core import facts, permits
from bot.core.errors import HealError
from bot.core.lifecycle import State
from bot.core.telling.why import round_of
from bot.ports import Answer, Freezing
from bot.slack import letters, reading, words
from bot.slack.answering import Answers
from bot.slack.buttons import Buttons
from bot.slack.cards import circuits, lists, shortcut, stages, why
from bot.slack.needs import Places
from bot.slack.overviews import Overviews
from bot.slack.pointing import Pointer
from bot.slack.reactions import Reactions
from bot.slack.reading import (
    Asked,
    Click,
    Command,
    HomeOpened,
    Mention,
    Reacted,
    ShortcutUsed,
    Submission,
)
from bot.slack.verbs import Order, Unclear, Verb

_HASH = re.compile(r"[0-9a-f]{8,64}")
_ROUND = re.compile(r"[0-9]{1,6}")
RECENT = 50
"""How many incidents are looked through for the one whose thread somebody wrote in."""


class Desk:
    """Deals with one asking at a time; may be called many times at once."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        places: Places,
        answers: Answers,
        buttons: Buttons,
        reactions: Reactions,
        overviews: Overviews,
        pointer: Pointer,
        *,
        me: str,
        command: str = "/heal",
    ) -> None:
        self._requests = engine.requests
        self._orders = engine.orders
        self._permits = engine.permits
        self._cases = cases
        self._places = places
        self._answers = answers
        self._buttons = buttons
        self._reactions = reactions
        self._overviews = overviews
        self._pointer = pointer
        self._command = command
        self._name = re.compile(rf"<@{re.escape(me)}(?:\|[^>]*)?>[\s:,]*")

    async def handle(self, asked: Asked) -> None:
        """Deal with it; what goes wrong on purpose is told to the person."""
        try:
            match asked:
                case Command() | Mention():
                    await self._order(asked)
                case Click():
                    await self._buttons.clicked(asked)
                case Reacted():
                    await self._reactions.reacted(asked)
                case Submission(form=shortcut.FORM):
                    await self._pointer.submitted(asked)
                case Submission():
                    await self._buttons.submitted(asked)
                case HomeOpened():
                    await self._answers.publish(asked.user, self._overviews.home())
                case ShortcutUsed():
                    if not await self._buttons.shortcut(asked):
                        await self._pointer.used(asked)
        except HealError as error:
            await self._answers.say(asked, f"That did not work: {error}")

    async def sorry(self, asked: Asked) -> None:
        """Tell them that something broke, which is in the log."""
        await self._answers.say(
            asked,
            "Something went wrong here, so this may not have been done. "
            f"Look at `{self._command} status` before you try again.",
        )

    async def _order(self, asked: Command | Mention) -> None:
        here, text = "", asked.text
        if isinstance(asked, Mention):
            here = await self._incident_here(asked)
            before, *after = self._name.split(text, maxsplit=1)
            text = "".join(after).strip() or before
        order = words.parse(text, self._known, here)
        if isinstance(order, Unclear):
            hint = f"`{self._command} help` shows all that can be asked for."
            await self._answers.say(asked, f"{order.says}\n{hint}")
        else:
            await self._carry_out(asked, order)

    async def _carry_out(self, asked: Command | Mention, order: Order) -> None:
        match order.verb:
            case Verb.HELP:
                await self._answers.tell(asked, lists.help_(self._command))
            case Verb.LIST:
                await self._answers.tell(asked, lists.runbooks(self._requests.runbooks()))
            case Verb.STAGES:
                await self._answers.tell(asked, stages.stages(await self._requests.stages()))
            case Verb.STATUS:
                await self._answers.tell(asked, await self._overviews.status())
            case Verb.HISTORY:
                await self._answers.tell(asked, lists.history(self._cases.recent(order.count)))
            case Verb.REPORT:
                report = await self._overviews.report(order.lasts)
                await self._answers.tell(asked, report)
            case Verb.BREAKERS:
                await self._answers.tell(asked, circuits.answer(self._orders.breakers()))
            case Verb.PROBLEMS:
                await self._answers.tell(asked, lists.problems(self._cases.standing().problems))
            case Verb.WHY:
                await self._why(asked, order.incident)
            case _:
                answer = await self._ask(asked, order)
                await self._answers.say(asked, answer.text)

    async def _ask(self, asked: Command | Mention, order: Order) -> Answer:
        if order.verb in {Verb.ALLOW, Verb.REVOKE} or permits.find(
            self._cases.standing().permits, order.incident
        ):
            return await self._permit(asked, order)
        ask, who = self._requests, asked.user
        thread = asked.thread if isinstance(asked, Mention) else ""
        match order.verb:
            case Verb.APPROVE:
                call = ask.vote(order.incident, order.round, who, yes=True, why=order.why)
            case Verb.REJECT:
                call = ask.vote(order.incident, order.round, who, yes=False, why=order.why)
            case Verb.CANCEL:
                call = ask.cancel(order.incident, who, order.why)
            case Verb.BREAK_GLASS:
                call = ask.break_glass(order.incident, who, order.why, reading.once(asked))
            case Verb.UNDO:
                call = ask.undo(order.incident, who, asked.channel, thread, reading.once(asked))
            case Verb.PROBLEM:
                call = self._orders.propose(order.incident, who)
            case Verb.KEEP:
                call = ask.keep(order.incident, who)
            case Verb.STOP | Verb.RESUME | Verb.FREEZE | Verb.UNFREEZE:
                call = self._govern(who, order)
            case _:
                call = ask.wish(_wish(who, order), asked.channel, thread, reading.once(asked))
        return await call

    async def _permit(self, asked: Command | Mention, order: Order) -> Answer:
        """Pre-approvals are decided and taken back with the words that plans are."""
        ask, name, who = self._permits, order.incident, asked.user
        match order.verb:
            case Verb.ALLOW:
                wish = ports.Allowance(order.runbook, order.service, order.environment,
                                       order.lasts, order.runs, order.why)  # fmt: skip
                return await ask.allow(wish, who, asked.channel, reading.once(asked))
            case Verb.APPROVE | Verb.REJECT as verb:
                return await ask.decide(name, who, yes=verb is Verb.APPROVE, why=order.why)
            case Verb.REVOKE:
                return await ask.revoke(name, who, order.why)
            case _:
                text = f"{name} is a pre-approval: `approve`, `reject` or `revoke` it."
                return Answer(done=False, text=text)

    async def _govern(self, who: str, order: Order) -> Answer:
        """An order for the whole house."""
        if order.verb is Verb.STOP:
            return await self._orders.halt(who, order.why)
        if order.verb is Verb.RESUME:
            return await self._orders.resume(who, order.why)
        if order.verb is Verb.UNFREEZE:
            return await self._orders.thaw(order.service, order.environment, who, order.why)
        wanted = Freezing(order.service, order.environment, order.lasts, order.why)
        return await self._orders.freeze(wanted, who)

    async def _why(self, asked: Command | Mention, name: str) -> None:
        if (known := self._cases.get(name)) is None:
            await self._answers.say(asked, f"{name} cannot be read: another version wrote it.")
        else:
            await self._answers.tell(asked, why.answer(known))

    def _known(self, word: str) -> str | None:
        """By its id, by that of its plan (inc-7f3k2m.2), or by the beginning of a plan's hash."""
        if (permit := permits.find(self._cases.standing().permits, word)) is not None:
            return permit.id
        name, _, round_ = word.partition(".")
        if (found := self._cases.find(name)) is not None:
            return f"{found.id}.{round_}" if _ROUND.fullmatch(round_) else found.id
        if not _HASH.fullmatch(word):
            return None
        known = (*self._cases.open(), *self._cases.recent(RECENT))
        rounds = ((one.id, round_of(one, word)) for one in known)
        return next((f"{name}.{meant}" for name, meant in rounds if meant), None)

    async def _incident_here(self, asked: Mention) -> str:
        """
        The incident that is meant in a thread, empty when there is none or nobody can tell.

        The one that waits for an answer comes first: an undo is asked for in the thread of what it
        takes back. Of two that wait, the one that is meant has to be named.
        """
        if not asked.thread:
            return ""
        slot = await self._places.find_by_ts(asked.channel, asked.thread)
        root = self._cases.get(letters.incident_of(slot)) if slot else None
        place = (asked.channel, asked.thread)
        known = (*self._cases.open(), *self._cases.recent(RECENT))
        within = [one for one in known if (one.opened.channel, one.opened.thread) == place]
        here = list({one.id: one for one in (root, *within) if one is not None}.values())
        waiting = [one for one in here if one.state is State.AWAITING_APPROVAL]
        if len(waiting) > 1:
            return ""
        return (waiting or here)[0].id if here else ""


def _wish(who: str, order: Order) -> facts.Wish:
    dry_run = order.verb is Verb.DRY_RUN
    return facts.Wish(
        by=who, runbook=order.runbook, given=order.given, dry_run=dry_run, why=order.why
    )
