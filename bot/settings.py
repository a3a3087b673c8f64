"""Settings: the only reader of the environment; secrets come from here or files, never argv."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core import spelling
from bot.core.errors import ConfigurationError

MAKE_A_TOKEN = "deploy/slack/README.md tells how to make one"  # noqa: S105 - a sentence


OTHER_NAMES = {
    "HEAL_ALERTMANAGER_TOKEN": "HEAL_ALERTMANAGER_WEBHOOK_TOKEN",
    "PAGERDUTY_WEBHOOK_TOKEN": "HEAL_PAGERDUTY_WEBHOOK_TOKEN",
    "PAGERDUTY_API_KEY": "HEAL_PAGERDUTY_TOKEN",
}
"""Settings under the names that an earlier version or other documents give them."""


def _seconds(default: float, most: float, alias: str, description: str) -> float:
    """A limit of a run's time."""
    return Field(default=default, gt=0, le=most, alias=alias, description=description)


class Settings(BaseSettings):
    """What the house is told at its start; each field says its variable and its meaning."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    slack_bot_token: SecretStr = Field(
        default=SecretStr(""), alias="SLACK_BOT_TOKEN", description="xoxb-…, the bot's own token"
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""),
        alias="SLACK_APP_TOKEN",
        description="xapp-… with connections:write: Socket Mode, no public URL needed",
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""),
        alias="SLACK_SIGNING_SECRET",
        description="HTTP mode instead: requests to /slack/events are signed with it",
    )
    slack_channel: str = Field(
        default="#auto-recovery",
        alias="SLACK_RECOVERY_CHANNEL",
        description="where the cards of webhook alerts appear",
    )
    alert_senders: str = Field(
        default="",
        alias="SLACK_ALERT_SENDERS",
        description="apps and bots whose messages are alerts, as channel=id with commas: "
        "#alerts=B024BE7LH; nobody unless set",
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        alias="SLACK_API_URL",
        description="another workspace's API: the local one of `heal demo`",
    )
    command: str = Field(
        default="/heal", alias="HEAL_COMMAND", description="the slash command, if /heal is taken"
    )
    listen: str = Field("127.0.0.1", alias="HEAL_LISTEN", description="the address to listen on")
    port: int = Field(
        default=3001, ge=0, le=65535, alias="SLACK_PORT", description="the port; 0 takes a free one"
    )
    proxies: str = Field(
        default="",
        alias="HEAL_PROXIES",
        description="addresses and networks of the proxies before Heal, with commas; only these "
        "may say who posts an alert, by X-Forwarded-For or a client certificate",
    )
    alertmanager_url: str = Field(
        default="",
        alias="HEAL_ALERTMANAGER_URL",
        description="Alertmanagers that are asked about alerts read from a channel, with commas; "
        "as link=address where the links in their messages name another address",
    )
    alertmanager_api_token: SecretStr = Field(
        default=SecretStr(""),
        alias="HEAL_ALERTMANAGER_API_TOKEN",
        description="the bearer token that they want, if any",
    )
    ledger: Path = Field(
        default=Path("heal.db"), alias="HEAL_LEDGER", description="the ledger's SQLite file"
    )
    runbooks: Path = Field(
        default=Path("runbooks"),
        alias="HEAL_RUNBOOKS",
        description="runbooks, with policy/ and detectors/ inside",
    )
    incident_records: str = Field(
        default="",
        alias="HEAL_INCIDENT_RECORDS",
        description="a folder for one JSON file each incident that ended; empty = none",
    )
    limit_diagnose: float = _seconds(
        180, 300, "HEAL_LIMIT_DIAGNOSE", "seconds that reading evidence may take"
    )
    limit_act: float = _seconds(
        300, 3600, "HEAL_LIMIT_ACT", "seconds that all steps of a run may take together"
    )
    limit_verify: float = _seconds(
        120, 3600, "HEAL_LIMIT_VERIFY", "seconds until the success criteria must hold at first"
    )
    limit_total: float = _seconds(
        1800,
        7200,
        "HEAL_LIMIT_TOTAL",
        "seconds for steps and verification; what takes longer is stopped and goes back",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        alias="HEAL_METRICS_TOKEN",
        description="the bearer token of `/metrics`, for Prometheus; without it that door is shut",
    )
    plugins: str = Field(
        default="",
        alias="HEAL_PLUGINS",
        description="distributions, with commas, whose plug-ins may be loaded",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        alias="HEAL_LOG_LEVEL",
        description="how much is logged",
    )

    @field_validator("proxies")
    @classmethod
    def _networks(cls, given: str) -> str:
        for each in _each(given):
            ipaddress.ip_network(each, strict=False)
        return given

    @model_validator(mode="after")
    def _can_talk_to_slack(self) -> Self:
        if not self.slack_bot_token.get_secret_value().strip():
            raise ValueError(f"SLACK_BOT_TOKEN is missing: {MAKE_A_TOKEN}")
        app = self.slack_app_token.get_secret_value().strip()
        if not app and not self.slack_signing_secret.get_secret_value().strip():
            raise ValueError(
                "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode) is missing: "
                f"{MAKE_A_TOKEN}"
            )
        return self

    @property
    def limits(self) -> dict[str, float]:
        """What each stage may take, in seconds, by its name."""
        return {n: getattr(self, f"limit_{n}") for n in ("diagnose", "act", "verify", "total")}

    @property
    def socket_mode(self) -> bool:
        return bool(self.slack_app_token.get_secret_value().strip())

    @property
    def trusted(self) -> tuple[str, ...]:
        return _each(self.proxies)

    @property
    def allowed(self) -> tuple[str, ...]:
        return _each(self.plugins)


def _each(listed: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, listed.split(","))))


def load() -> Settings:
    """Read the environment; ConfigurationError names the variable and the remedy."""
    try:
        return Settings()
    except ValidationError as error:
        slips = [_slip(one) for one in error.errors(include_url=False)]
        raise ConfigurationError("; ".join(slips)) from None


class Lenient(Settings):
    """The settings as far as they can be read: what is missing is for the doctor to find."""

    @model_validator(mode="after")
    def _can_talk_to_slack(self) -> Self:
        return self


def leniently() -> tuple[Settings, dict[str, str]]:
    """Read what can be read, and say what is wrong by variable; there its default stands."""
    try:
        return Lenient(), {}
    except ValidationError as error:
        wrong = {str(one["loc"][0]): _slip(one) for one in error.errors(include_url=False)}
    defaults = {field.alias: field.default for field in Settings.model_fields.values()}
    return Lenient(**{name: defaults[name] for name in wrong}), wrong


def _slip(error: ErrorDetails) -> str:
    """One sentence with the variable, its value and what is expected; a secret's value is not."""
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    name = str(error["loc"][0])
    field = next(one for one in Settings.model_fields.values() if one.alias == name)
    got = "" if field.annotation is SecretStr else f"{spelling.quoted(error['input'])}: "
    return f"{name}: {got}{said} ({field.description})"


def section(system: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """
    The raw settings of one system for the plug-ins that need them.

    `HEAL_HOST_SYSTEMCTL=/bin/systemctl` is `{"systemctl": "/bin/systemctl"}` of "host"; a name
    that ends in `_FILE` gives the content of that file, so that secrets can be mounted.

    >>> section("host", {"HEAL_HOST_SYSTEMCTL": "/bin/systemctl", "HOME": "/"})
    {'systemctl': '/bin/systemctl'}
    """
    prefix = f"HEAL_{system.upper()}_"
    found = _renamed(os.environ if environ is None else environ)  # noqa: TID251 - the one reader
    given = {k.removeprefix(prefix).lower(): v for k, v in found.items() if k.startswith(prefix)}
    files = {k.removesuffix("_file"): _content(prefix, k, v)
             for k, v in given.items() if k.endswith("_file")}  # fmt: skip
    return {k: v for k, v in given.items() if not k.endswith("_file")} | files


def _renamed(environ: Mapping[str, str]) -> dict[str, str]:
    """Read what older and other documents call a setting, unless its own name is there too."""
    names = {old + end: new + end for old, new in OTHER_NAMES.items() for end in ("", "_FILE")}
    return {new: environ[old] for old, new in names.items() if old in environ} | dict(environ)


def _content(prefix: str, key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        name = f"{prefix}{key}".upper()
        raise ConfigurationError(f"{name}: {path!r} cannot be read: {error.strerror}") from error


def environment() -> dict[str, str]:
    """What commands may see some of; the one other look at the environment."""
    return dict(os.environ)  # noqa: TID251 - the one reader
