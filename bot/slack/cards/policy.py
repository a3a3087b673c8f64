"""What the channel is told of runbooks and policy that cannot be used as they lie on disk."""

from __future__ import annotations

from bot.core import facts
from bot.slack.cards import message, parts
from bot.slack.cards.escaping import code
from bot.slack.cards.message import Block, Message

SHOWN = 5


def refused(fact: facts.PolicyRefused) -> Message:
    """Loud: somebody believes that a change is in force, and it is not."""
    title = "⚠️ Runbooks or policy on disk are not in force"
    lines = [
        f"They cannot be used, so everything stays as it was: policy {code(fact.keeps[:12], 20)}.",
        *(f"• {code(problem, 300)}" for problem in fact.problems[:SHOWN]),
    ]
    if fact.count > SHOWN:
        lines.append(f"… and {fact.count - SHOWN} more; the log has all of them.")
    lines.append("Mend them: they are read again by themselves.")
    return message.of(title, list(parts.sections(title, lines)))


def mended(fact: facts.PolicyTaken) -> Message:
    """Calm again, in the place of the warning."""
    title = "✅ Runbooks and policy on disk are in force again"
    line = f"Policy {code(fact.digest[:12], 20)}, {fact.runbooks} runbooks."
    return message.of(title, list(parts.sections(title, [line])))


def above(said: Message, unread: facts.PolicyRefused | None) -> Message:
    """A list, below the one line that says what is not in force."""
    if unread is None:
        return said
    return Message(text=said.text, blocks=[warning(unread), *said.blocks][: message.MOST_BLOCKS])


def warning(unread: facts.PolicyRefused) -> Block:
    first = code(unread.problems[0], 300) if unread.problems else "they cannot be read"
    kept = code(unread.keeps[:12], 20)
    return parts.section(
        f"⚠️ *Runbooks or policy on disk are not in force*: {first}. Policy {kept} stays."
    )
