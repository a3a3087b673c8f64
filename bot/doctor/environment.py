"""Environment: whether the variables can be read, look like what they should be, and are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import AliasChoices, BaseModel, SecretStr

from bot.app import correspondents, sections
from bot.core import spelling
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient, systems
from bot.settings import MAKE_A_TOKEN, OTHER_NAMES, Settings
from bot.slack.connection import REMEDIES

SECRET_LENGTH = 32
"""Hex digits of a signing secret of Slack's."""


async def settings(patient: Patient) -> Sequence[Finding]:
    wrong = patient.told.wrong
    meaning = {field.alias: field.description for field in Settings.model_fields.values()}
    if not wrong:
        return [ok("settings", f"{len(meaning)} variables are read, none is malformed")]
    return [
        failed(name, said, f"write it as docs/settings.md says: {meaning.get(name)}")
        for name, said in wrong.items()
    ]


async def parts(patient: Patient) -> Sequence[Finding]:
    """What the house is told section by section, as `heal run` will read it."""
    return [one for name, model in sections.SECTIONS.items() for one in _part(patient, name, model)]


async def tokens(patient: Patient) -> Sequence[Finding]:
    return list(_tokens(patient.settings))


async def names(patient: Patient) -> Sequence[Finding]:
    """A variable that nobody reads is a slip of the pen whose default is in force instead."""
    return list(_unread(patient))


def _tokens(given: Settings) -> Iterator[Finding]:
    yield _token("SLACK_BOT_TOKEN", given.slack_bot_token, "xoxb-")
    if given.socket_mode:
        yield _token("SLACK_APP_TOKEN", given.slack_app_token, "xapp-")
        return
    name = "SLACK_SIGNING_SECRET"
    secret = given.slack_signing_secret.get_secret_value()
    if not secret.strip():
        found = "neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP mode) is set"
        yield failed("SLACK_APP_TOKEN", found, REMEDIES["SLACK_APP_TOKEN"])
    elif len(secret) != SECRET_LENGTH or set(secret) - set("0123456789abcdef"):
        found = f"it has {len(secret)} signs; Slack's have {SECRET_LENGTH} hexadecimal ones"
        yield warning(name, found, REMEDIES[name])
    else:
        yield ok(name, "looks like one")


def _token(name: str, secret: SecretStr, prefix: str) -> Finding:
    text = secret.get_secret_value()
    if not text.strip():
        return failed(name, "is not set", MAKE_A_TOKEN)
    if text != text.strip():
        return failed(name, "has blanks around it", "copy it again, without spaces or line breaks")
    if not text.startswith(prefix):
        return failed(name, f"does not begin with {prefix}", REMEDIES[name])
    return ok(name, f"looks like one ({prefix}…)")


def _part(patient: Patient, name: str, model: type[BaseModel]) -> Iterator[Finding]:
    try:
        sections.read(name, model, patient.told.sections)
    except ConfigurationError as error:
        yield refused(f"HEAL_{name.upper()}", error)


def _unread(patient: Patient) -> Iterator[Finding]:
    known = {*_own(), *sections.variables()}
    speaks = set(systems(patient.toolbox))
    posts = {f"{name.partition('.')[0]}_webhook" for name in patient.toolbox.names("sources")}
    keeps = {f"sink_{name.partition('.')[0]}" for name in patient.toolbox.names("sinks")}
    for room in correspondents.IN_STEP:
        keeps |= {name.partition(".")[0] for name in patient.toolbox.names(room)}
    for system in speaks | posts | keeps:
        prefix = f"HEAL_{system.upper()}_"
        known |= {name for name in patient.told.environment if name.startswith(prefix)}
    known |= {f"{name}{end}" for name in OTHER_NAMES for end in ("", "_FILE")}
    for name in sorted(patient.told.environment):
        near = spelling.nearest(name, known)
        ours = name.startswith("HEAL_") or (name.startswith("SLACK_") and near)
        if ours and name not in known:
            meant = f"rename it to {near}" if near else "look it up in docs/settings.md"
            yield warning(name, "nothing reads this variable", f"{meant}, or remove it")


def _own() -> Iterator[str]:
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            yield from (name for name in alias.choices if isinstance(name, str))
        elif isinstance(alias, str):
            yield alias
