"""Ordering: what people order in words becomes a call on a port, and they are told the answer."""

from __future__ import annotations

from bot import ports
from bot.core import facts, permits
from bot.ports import Answer, Freezing
from bot.slack import reading
from bot.slack.answering import Answers
from bot.slack.asked import Command, Mention
from bot.slack.cards import circuits, lists, stages, why
from bot.slack.overviews import Overviews
from bot.slack.verbs import Order, Verb


class Ordering:
    """Nothing is decided here: who may do what, and whether it is too late, says the engine."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        answers: Answers,
        overviews: Overviews,
        command: str = "/heal",
    ) -> None:
        self._requests = engine.requests
        self._orders = engine.orders
        self._permits = engine.permits
        self._cases = cases
        self._answers = answers
        self._overviews = overviews
        self._command = command

    async def carry_out(self, asked: Command | Mention, order: Order) -> None:
        """Do it, or show it; the person is told in private."""
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


def _wish(who: str, order: Order) -> facts.Wish:
    dry_run = order.verb is Verb.DRY_RUN
    return facts.Wish(
        by=who, runbook=order.runbook, given=order.given, dry_run=dry_run, why=order.why
    )
