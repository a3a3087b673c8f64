"""How people, moments, amounts and proofs are said on every card alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.core import facts, telling
from bot.core.alert import Severity
from bot.core.risk import Level
from bot.slack.cards.escaping import code, escape

SEVERITY = {
    Severity.INFO: "🔵 info",
    Severity.WARNING: "🟠 warning",
    Severity.CRITICAL: "🔴 critical",
}
RISK = {Level.LOW: "🟢 Low", Level.MEDIUM: "🟡 Medium", Level.HIGH: "🔴 High"}
PERSON = re.compile(r"\b[UW](?=[A-Z]*[0-9])[A-Z0-9]{3,20}\b")
"""A Slack user's id; it always holds a digit, which words in capitals do not."""
_GROUP = re.compile(r"S(?=[A-Z]*[0-9])[A-Z0-9]{3,20}")
_STOPPED = re.compile(r"(cancelled|Heal was stopped) by (\S{1,40}): (.*)", re.DOTALL)
_HALTED = re.compile(
    r"((?:[Pp]olicy says no: |[Ii]t may not begin after all: )?)"
    r"([UW](?=[A-Z]*[0-9])[A-Z0-9]{3,20})(?= halted everything| froze )"
)
MORE = "_… and {} more; see Details or the transcript._"
_WHOLE_DAY = "{date_short_pretty} {time}"


def few(lines: Iterable[str], most: int) -> list[str]:
    """
    The first of these, and how many more there are: nothing is left out in silence.

    >>> few(["a", "b", "c"], 2)
    ['a', 'b', '_… and 1 more; see Details or the transcript._']
    """
    known = [*lines]
    left = len(known) - most
    return known if left <= 0 else [*known[:most], MORE.format(left)]


def who(actor: str) -> str:
    """
    Name a person or a part of the product: Slack ids as mentions, all else as words.

    >>> who("U024BE7LH"), who("heal"), who("<!here>")
    ('<@U024BE7LH>', 'heal', '&lt;!here&gt;')
    """
    if is_user(actor):
        return f"<@{actor}>"
    if _GROUP.fullmatch(actor):
        return f"<!subteam^{actor}>"
    return escape(actor, 80)


def is_user(actor: str) -> bool:
    """Tell a Slack user's id from the name of a part of the product."""
    return PERSON.fullmatch(actor) is not None


def everyone(actors: Iterable[str], most: int = 8) -> str:
    """Name several, each once: "A, B and C"."""
    named = list(dict.fromkeys(who(actor) for actor in actors))
    if len(named) > most:
        named = [*named[:most], f"{len(named) - most} more"]
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def moment(at: datetime) -> str:
    """A point in time in the reader's own zone; UTC where the client cannot."""
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{_WHOLE_DAY}|{fallback}>"


def reading(one: facts.Reading, limit: int = 400) -> str:
    """What one probe saw, as a line."""
    if one.error:
        return f"• {escape(one.name, 80)}: nothing seen: {escape(one.error, limit)}"
    return f"• {escape(one.name, 80)}: {code(telling.measured(one.seen), limit)}"


def stopped(text: str) -> str:
    """Why a run was stopped, with the person who did it as a mention."""
    found = _STOPPED.fullmatch(text)
    if found is None:
        return sentence(text)
    return f"{found[1].capitalize()} by {who(found[2])}: {sentence(found[3])}"


def halting(said: str) -> str:
    """
    Name the person who halted or froze everything, where policy's own words begin with them.

    >>> halting("U024BE7LH halted everything: nothing begins until it is resumed")
    '<@U024BE7LH> halted everything: nothing begins until it is resumed'
    >>> halting("policy says no: U024BE7LH froze shop until Friday")
    'policy says no: <@U024BE7LH> froze shop until Friday'
    """
    found = _HALTED.match(said)
    return f"{found[1]}<@{found[2]}>{said[found.end() :]}" if found else said


def reason(text: str, by: str, limit: int = 250) -> str:
    """
    Name a reason; when it begins with the person who asked, they are named as people are.

    >>> reason("U024BE7LH asked", "U024BE7LH"), reason("alert is <!here>", "")
    ('<@U024BE7LH> asked', 'alert is &lt;!here&gt;')
    """
    said = text.removeprefix(by)
    return escape(text, limit) if said == text else f"{who(by)} {escape(said, limit)}"


def sentence(text: str, limit: int = 400) -> str:
    """Somebody's words as a sentence; names and conditions at its start stay as they are."""
    said = escape(text, limit)
    if said.partition(" ")[0].isalpha():
        said = said[0].upper() + said[1:]
    return said if not said or said[-1] in ".…?" else f"{said}."
