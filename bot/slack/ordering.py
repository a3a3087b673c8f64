"""Ordering: what people order in words becomes a call on a port, and they are told the answer."""

from __future__ import annotations

from bot import ports
from bot.core import facts, permits
from bot.ports import Answer, Freezing
from bot.slack import personal, reading
from bot.slack.answering import Answers
from bot.slack.asked import Command, Mention
from bot.slack.cards import circuits, lists, manual, private, stages, why
from bot.slack.cards.message import Message
from bot.slack.overviews import Overviews
from bot.slack.personal import Personal
from bot.slack.verbs import Order, Verb


class Ordering:
    """Nothing is decided here: who may do what, and whether it is too late, says the engine."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        answers: Answers,
        overviews: Overviews,
        personal_: Personal,
        command: str = "/heal",
    ) -> None:
        self._requests = engine.requests
        self._orders = engine.orders
        self._permits = engine.permits
        self._cases = cases
        self._answers = answers
        self._overviews = overviews
        self._personal = personal_
        self._command = command

    async def carry_out(self, asked: Command | Mention, order: Order) -> None:
        """Do it, or show it; the person is told in private."""
        if order.verb in personal.VERBS:
            await self._personal.carry_out(asked, order)
        elif (shown := self._known(order) or await self._seen(order)) is not None:
            await self._answers.tell(asked, shown)
        else:
            answer = await self._ask(asked, order)
            await self._answers.say(asked, answer.text)

    def _known(self, order: Order) -> Message | None:
        """What lies in memory; None for a word that shows nothing of it."""
        shown = None
        match order.verb:
            case Verb.HELP:
                about, command = order.about, self._command
                shown = manual.one(about, command) if about else manual.everything(command)
            case Verb.LIST:
                shown = lists.runbooks(self._requests.runbooks())
            case Verb.HISTORY:
                shown = lists.history(self._cases.recent(order.count))
            case Verb.BREAKERS:
                shown = circuits.answer(self._orders.breakers())
            case Verb.PROBLEMS:
                shown = lists.problems(self._cases.standing().problems)
            case Verb.WHY:
                shown = self._why(order.incident)
        return shown

    async def _seen(self, order: Order) -> Message | None:
        """What has to be asked for; None for a word that only shows nothing."""
        match order.verb:
            case Verb.STAGES:
                return stages.stages(await self._requests.stages())
            case Verb.STATUS:
                return await self._overviews.status()
            case Verb.REPORT:
                return await self._overviews.report(order.lasts)
        return None

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
            case Verb.BREAK_GLASS | Verb.UNDO | Verb.RETRY:
                call = self._anew(asked, order, thread)
            case Verb.PROBLEM:
                call = self._orders.propose(order.incident, who)
            case Verb.TICKETS:
                call = self._orders.retell(who)
            case Verb.KEEP:
                call = ask.keep(order.incident, who)
            case Verb.STOP | Verb.RESUME | Verb.FREEZE | Verb.UNFREEZE:
                call = self._govern(who, order)
            case _:
                call = ask.wish(_wish(who, order), asked.channel, thread, reading.once(asked))
        return await call

    async def _anew(self, asked: Command | Mention, order: Order, thread: str) -> Answer:
        """Another incident for an earlier one; brought again, it is the same asking."""
        ask, name, who, once = self._requests, order.incident, asked.user, reading.once(asked)
        if order.verb is Verb.BREAK_GLASS:
            return await ask.break_glass(name, who, order.why, once)
        if order.verb is Verb.UNDO:
            return await ask.undo(name, who, asked.channel, thread, once)
        return await ask.again(name, who, once, retry=True)

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

    def _why(self, name: str) -> Message:
        known = self._cases.get(name)
        unread = f"{name} cannot be read: another version wrote it."
        return private.answer(unread) if known is None else why.answer(known)


def _wish(who: str, order: Order) -> facts.Wish:
    dry_run = order.verb is Verb.DRY_RUN
    return facts.Wish(
        by=who, runbook=order.runbook, given=order.given, dry_run=dry_run, why=order.why
    )
