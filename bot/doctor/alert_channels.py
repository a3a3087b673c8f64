"""Alert channels: whether Heal hears what monitoring posts there, and whom it listens to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.core.errors import ConfigurationError, TemporaryError
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient
from bot.doctor.slack import not_asked
from bot.slack.alerts import senders
from bot.slack.alerts.senders import SETTING
from bot.slack.examining import Bot, Identified

ANYBODYS = "A0F7XDUAZ"
"""Slack's own app Incoming WebHooks: every webhook that was ever made by it has this app id."""


async def listed(patient: Patient) -> Sequence[Finding]:
    """One finding a channel: who is heard there, and who else writes."""
    try:
        channels = senders.parse(patient.settings.alert_senders)
    except ConfigurationError as error:
        return [refused(SETTING, error)]
    me = patient.slack.me
    if not channels:
        return []
    if not isinstance(me, Identified):
        return [not_asked(SETTING)]
    return await asyncio.gather(
        *(_channel(patient, name, ids, me.bot_id) for name, ids in channels.items())
    )


async def _channel(patient: Patient, name: str, ids: frozenset[str], me: str) -> Finding:
    said = f"{SETTING} {name}"
    if slip := _slip(ids, me):
        return failed(said, *slip)
    try:
        room = await patient.slack.room(name, SETTING)
        wrote = await patient.slack.bots(room.id) if room.inside else []
    except ConfigurationError as error:
        return refused(said, error)
    except TemporaryError as error:
        return failed(said, str(error), "let this machine reach slack.com, and ask again")
    if room.archived or not room.inside:
        why = "it is archived" if room.archived else "Heal is not in it"
        return failed(said, f"{why}, so no alert is heard there", "write there: /invite @heal")
    return _told(said, ids, me, wrote)


def _slip(ids: frozenset[str], me: str) -> tuple[str, str] | None:
    if me in ids:
        return (
            f"{me} is Heal itself, which is never heard",
            "let monitoring post with a webhook or a token of its own, and list that one",
        )
    if ANYBODYS in ids:
        return (
            f"{ANYBODYS} is the app id of every incoming webhook in the workspace",
            "list the id of the one bot (B…) instead",
        )
    return None


def _told(said: str, ids: frozenset[str], me: str, wrote: Sequence[Bot]) -> Finding:
    """Say who is heard; when none of them wrote lately and others did, perhaps one of those is."""
    heard = f"hears {', '.join(sorted(ids))}"
    others = [bot for bot in wrote if not ids & {bot.id, bot.app} and bot.id != me]
    if not others:
        return ok(said, heard)
    named = ", ".join(f"{bot.id} ({bot.name or 'no name'})" for bot in others)
    if len(others) < len([bot for bot in wrote if bot.id != me]):
        return ok(said, f"{heard}; not {named}")
    remedy = f"if monitoring is among these, list it: {SETTING}=…={others[0].id}"
    return warning(said, f"{heard}, who wrote nothing lately; {named} did", remedy)
