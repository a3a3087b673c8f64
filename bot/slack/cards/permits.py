"""Pre-approvals: the card of each, from the question to its end, and its line in the lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from bot.core import telling
from bot.core.permit import Permit, Use
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block, Message

GRANT, REFUSE, REVOKE = "grant_permit", "refuse_permit", "revoke_permit"
ACTIONS = frozenset({GRANT, REFUSE, REVOKE})
STILL = (
    "It stands in for a person's yes, within the bounds of the policy. What a rule denies stays "
    "denied; a plan of more risk, one that moved, and a changed runbook or policy ask people."
)
_BY = re.compile(r"((?:refused|revoked|all healing was halted) by )([UW][A-Z0-9]{1,20})(?=$|:)")


def card(permit: Permit, used: int, now: datetime) -> Message:
    """Show one as it stands now, with the buttons that still mean something."""
    return message.of(_title(permit, used, now), _blocks(permit, used, now))


def line(permit: Permit, used: int, now: datetime) -> str:
    """One on one line, for `status` and the Home tab."""
    return f"🔑 {code(permit.id, 40)} {_what(permit)}: {_state(permit, used, now)}"


def used_by(use: Use, by: tuple[str, ...]) -> str:
    """What the card of a run says that nobody had to be asked for."""
    left = f"{use.left} of {_runs(use.runs)} left, until {words.moment(use.until)}"
    return f"🔑 *Runs by pre-approval* {code(use.id, 40)} of {words.everyone(by)}: {left}"


def _title(permit: Permit, used: int, now: datetime) -> str:
    if permit.waits(now):
        return "🔑 Pre-approval asked for"
    return "🔓 Pre-approval holds" if permit.holds(now, used) else "🔒 Pre-approval is over"


def _blocks(permit: Permit, used: int, now: datetime) -> Iterator[Block]:
    wanted = permit.wanted
    yield parts.header(_title(permit, used, now))
    yield parts.fields(
        f"*Runbook*\n{code(wanted.runbook, 80)}",
        f"*On*\n{escape(wanted.service, 80)} in {escape(wanted.environment, 80)}",
        f"*For*\n{telling.span(wanted.lasts)}, from the yes on",
        f"*At most*\n{_runs(wanted.runs)}",
    )
    yield parts.section(f"{words.who(wanted.by)} asks: {words.sentence(wanted.why, 600)}")
    if permit.waits(now):
        yield parts.context(*_asking(permit))
        yield parts.context(STILL)
        yield _decide(permit)
    else:
        yield parts.section(_state(permit, used, now))
        if permit.holds(now, used):
            yield parts.actions(permit.id, parts.button(REVOKE, "Revoke", permit.id))
    yield parts.context(code(permit.id, 40), f"runbook {code(wanted.runbook_digest[:12], 20)}",
                        f"policy {code(wanted.policy_digest[:12], 20)}")  # fmt: skip


def _asking(permit: Permit) -> Iterator[str]:
    request = permit.request
    yield f"open until {words.moment(request.expires_at)}"
    yield (f"may approve: {words.everyone(request.first) or 'nobody is named'}, not "
           f"{words.everyone(request.excluded)}, who asked for it")  # fmt: skip
    yes = dict.fromkeys(vote.who for vote in permit.votes if vote.yes)
    word = "approval" if request.quorum == 1 else "approvals"
    by = f": {words.everyone(yes)}" if yes else ""
    yield f"{len(yes)} of {request.quorum} {word}{by}"


def _decide(permit: Permit) -> Block:
    wanted = permit.wanted
    what = (f"{wanted.runbook} may begin {_runs(wanted.runs)} on {wanted.service} in "
            f"{wanted.environment} without asking, for {telling.span(wanted.lasts)}.")  # fmt: skip
    sure = parts.confirm("Allow it in advance?", what, "Allow")
    return parts.actions(
        permit.id,
        parts.button(GRANT, "✅ Allow in advance", permit.id, style="primary", confirm=sure),
        parts.button(REFUSE, "❌ Reject", permit.id, style="danger"),
    )


def _state(permit: Permit, used: int, now: datetime) -> str:
    if over := permit.ended(now, used):
        said = _BY.sub(lambda found: f"{found[1]}<@{found[2]}>", escape(over, 400), count=1)
        return f"over: {said}"
    if permit.until is None:
        return f"asked for by {words.who(permit.wanted.by)}, nobody has said yes yet"
    left = max(0, permit.wanted.runs - used)
    by, until = words.everyone(permit.granted_by), words.moment(permit.until)
    return f"allowed by {by}, {left} of {_runs(permit.wanted.runs)} left, until {until}"


def _what(permit: Permit) -> str:
    wanted = permit.wanted
    place = f"{escape(wanted.service, 60)} in {escape(wanted.environment, 60)}"
    return f"{code(wanted.runbook, 60)} on {place}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
