"""What one person is told about themselves and about this installation."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ports import Audited, Person, Setting
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Message

BEGUN = "The ledger is walked, entry by entry: about five seconds for a million of them."
UNDER_WAY = "Somebody else has it walked just now: ask again in a minute."
MOST = 60


def whoami(user: str, who: Person, zone: str) -> Message:
    """Their groups and roles, what they may do, and the clock that they read by."""
    listed = ", ".join(code(one, 60) for one in who.words) or "no group that the policy names"
    roles = ", ".join(escape(one, 60) for one in who.roles) or "none"
    levels = ", ".join(escape(one, 20) for one in who.approves)
    may = [
        f"approve what is of {levels} risk" if levels else "",
        "run, cancel, freeze and stop" if who.operates else "",
        "let healing go on after a stop" if who.resumes else "",
    ]
    said = "; ".join(filter(None, may)) or "look at everything, and change nothing"
    count = len(who.waiting)
    asked = f"{count} plan{'s' if count != 1 else ''} for your yes or no" if count else "nothing"
    return message.of("Who you are to Heal", [
        parts.section(f"You are {words.who(user)}"),
        parts.fields(f"*You stand under*\n{listed}", f"*Your roles*\n{roles}",
                     f"*You may*\n{said}", f"*Waits for you*\n{asked}",
                     f"*Your time zone*\n{escape(zone, 100) or 'not known to Slack'}"),
        *([parts.context(f"⚠️ Not all could be found out: {escape(who.doubts, 400)}")]
          if who.doubts else []),
        parts.context("Times on cards are shown in your own time zone. Membership is read anew "
                      "at every click."),
    ])  # fmt: skip


def settings(known: Sequence[Setting], lacking: Sequence[str]) -> Message:
    """What was set and where, without secrets; and what is turned off."""
    lines = [f"{code(one.variable, 80)} {code(one.value, 200)}" for one in known[:MOST]]
    if known[MOST:]:
        lines.append(f"and {len(known) - MOST} more")
    off = [f"⚠️ {escape(one, 300)}" for one in lacking]
    return message.of("What is set up", [
        *parts.sections("What is set up, by environment", lines or ["Nothing but defaults."], 9000),
        *parts.sections("What the Slack app lacks", off or ["No scope is missing."], 2500),
        parts.context("Secrets are never shown. `heal doctor` tries all of it, and the page "
                      "docs/settings.md says what each one means"),
    ])  # fmt: skip


def audited(found: Audited) -> Message:
    """Whether the ledger is what was written."""
    sign = "✅" if found.sound else "🚨"
    word = "The ledger is sound" if found.sound else "The ledger is BROKEN"
    then = ("What the chain alone cannot show, signed checkpoints do" if found.sound else
            "Stop, copy the file as it is, and look at docs/audit.md")  # fmt: skip
    return message.of(f"{sign} {word}", [
        parts.section(f"{sign} *{word}*"), parts.section(code(found.line, 2000)),
        parts.context(then),
    ])  # fmt: skip
