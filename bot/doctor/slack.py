"""Slack: whether it knows us, what it lets us do, how payloads come in, and where cards go."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.errors import ConfigurationError, TemporaryError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.slack.connection import REMEDIES
from bot.slack.examining import Identified
from bot.slack.failures import Failure, Kind
from bot.slack.scopes import FEATURES, Feature

BOT, APP, CHANNEL = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_RECOVERY_CHANNEL"
INSTALL = (
    "at api.slack.com/apps paste deploy/slack/manifest.yaml under App Manifest, then install "
    "the app again"
)
REACH = "let this machine reach slack.com on port 443, HTTPS and WebSocket, and ask again"
LATE, TOO_LATE = 30.0, 300.0
"""Seconds: more than the second, and Slack's signatures count as too old."""


async def identity(patient: Patient) -> Sequence[Finding]:
    me = patient.slack.me
    if isinstance(me, Failure):
        if not patient.settings.slack_bot_token.get_secret_value().strip():
            return []  # said by the environment already
        return [_refused("Slack", BOT, me)]
    if not me.is_bot:
        return [failed("Slack", f"{BOT} is the token of a person", REMEDIES[BOT])]
    return [ok("Slack", f"knows us as {me.user} in {me.team}")]


async def scopes(patient: Patient) -> Sequence[Finding]:
    """One finding a feature: what will not work is said, not only which scope is missing."""
    me = patient.slack.me
    if not isinstance(me, Identified):
        return [not_asked("scopes")]
    if me.scopes is None:
        found = "Slack's answer does not say which scopes the token has"
        return [warning("scopes", found, "let the header x-oauth-scopes through your proxy")]
    return [
        _feature(feature, me.scopes)
        for feature in FEATURES
        if not feature.system or patient.uses(feature.system)
    ]


async def line(patient: Patient) -> Sequence[Finding]:
    """How payloads come in: Slack is called and keeps the line, or it calls us."""
    if patient.settings.socket_mode:
        failure = await patient.slack.socket()
        if failure is None:
            return [ok("Socket Mode", "Slack gives us a line")]
        if failure.kind is Kind.LIMITED:
            return [warning("Socket Mode", "Slack was asked too often", "ask again in a minute")]
        return [_refused("Socket Mode", APP, failure)]
    if patient.settings.slack_signing_secret.get_secret_value().strip():
        return [ok("HTTP mode", "Slack must reach /slack/events through a proxy with TLS")]
    return []


async def clock(patient: Patient) -> Sequence[Finding]:
    """A clock that is wrong refuses Slack's signatures, and lets approvals end at a wrong time."""
    me = patient.slack.me
    if not isinstance(me, Identified) or me.date is None:
        return [not_asked("clock")]
    off = (patient.clock.now() - me.date).total_seconds()
    said = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} Slack's"
    remedy = "set this machine's clock by NTP (chrony or systemd-timesyncd)"
    if abs(off) >= TOO_LATE:
        return [failed("clock", said, remedy)]
    return [warning("clock", said, remedy) if abs(off) >= LATE else ok("clock", said)]


async def channel(patient: Patient) -> Sequence[Finding]:
    if not patient.slack.known:
        return [not_asked(CHANNEL)]
    invite = "make the channel or mend its name, then write there: /invite @heal"
    try:
        room = await patient.slack.room(patient.settings.slack_channel)
    except ConfigurationError as error:
        return [failed(CHANNEL, str(error).removeprefix(f"{CHANNEL}: "), invite)]
    except TemporaryError as error:
        return [failed(CHANNEL, str(error), invite)]
    if room.archived:
        return [failed(CHANNEL, f"#{room.name} is archived", "open it again or name another one")]
    if not room.inside:
        found = f"Heal is not in #{room.name}, so no card can be posted there"
        return [failed(CHANNEL, found, f"write in #{room.name}: /invite @heal")]
    return [ok(CHANNEL, f"#{room.name} ({room.id}), and Heal is in it")]


def not_asked(name: str) -> Finding:
    """What cannot be known before Slack knows us."""
    return warning(name, "not looked at: Slack did not say who we are", f"mend {BOT} first")


def _feature(feature: Feature, granted: frozenset[str]) -> Finding:
    name = f"scopes: {feature.name}"
    lacking = feature.lacks(granted)
    if not lacking:
        return ok(name, ", ".join(feature.scopes))
    found = f"will not work without {', '.join(lacking)}"
    return (failed if feature.vital else warning)(name, found, INSTALL)


def _refused(name: str, variable: str, failure: Failure) -> Finding:
    if failure.kind is Kind.REFUSED:
        return failed(name, f"{variable} is not taken ({failure.says})", REMEDIES[variable])
    return failed(name, f"cannot be asked ({failure.says})", REACH)
