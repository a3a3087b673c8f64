"""Help: what can be asked for, in groups; or one word, with an example."""

from __future__ import annotations

from bot.slack.cards import message, parts
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Message
from bot.slack.manual import BOOK, Group
from bot.slack.verbs import Verb

TITLE = "What you can ask for"
WIDEST = 200


def everything(command: str) -> Message:
    """What can be written after the command, or after the bot's name in a thread."""
    groups = []
    for group in Group:
        known = [one for one in BOOK.values() if one.group is group]
        lines = [f"{code(one.form, WIDEST)} {escape(one.says)}" for one in known]
        groups += [*parts.sections(str(group), lines)]
    form, example = code(command, 40), code(f"{command} help freeze", 80)
    return message.of(TITLE, [
        parts.header(TITLE),
        parts.section(f"{form} alone opens a form. {example} shows one word with an example."),
        *groups,
        parts.context("In threads write the same after the bot's name: slash commands do not "
                      "work there"),
    ])  # fmt: skip


def one(verb: Verb, command: str) -> Message:
    """One word: how it is written, who may, and an example."""
    known = BOOK[verb]
    return message.of(f"{command} {known.form}: {known.says}", [
        parts.section(f"{code(f'{command} {known.form}', WIDEST)}\n{escape(known.says)}."),
        parts.section(f"For example:\n{code(f'{command} {known.example}', WIDEST)}"),
        parts.context(f"For {escape(known.who)}"),
    ])  # fmt: skip
