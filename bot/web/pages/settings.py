"""What the pages are told: where they are, and who is let in."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from bot.core.values import Frozen


class PublicSettings(Frozen):
    """The settings HEAL_PUBLIC_*."""

    url: str = Field(
        default="",
        description="where people reach the pages, like https://heal.example.org, with no path; "
        "TLS is ended by a proxy before Heal (HEAL_PROXIES). No page answers unless set",
    )

    @field_validator("url")
    @classmethod
    def _an_origin(cls, given: str) -> str:
        if not given:
            return ""
        parts = urlsplit(given)
        origin = f"{parts.scheme}://{parts.netloc}"
        if given.rstrip("/") != origin or not parts.hostname or parts.username is not None:
            raise ValueError("name a host alone, like https://heal.example.org")
        if parts.scheme != "https" and not (parts.scheme == "http" and _here(parts.hostname)):
            raise ValueError("begin it with https://: cookies and links are secrets on the way")
        return origin.lower()


class PagesSettings(Frozen):
    """The settings HEAL_PAGES_*."""

    key: SecretStr = Field(
        default=SecretStr(""),
        description="what links and cookies are signed with, 32 characters or more; unless set it "
        "is made of SLACK_BOT_TOKEN, and changes with it. A new one ends every link and session",
    )
    client_id: str = Field(
        default="",
        description="the Client ID of the Slack app (Basic Information), for Sign in with Slack; "
        "without it only links from Slack open pages",
    )
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="the Client Secret that belongs to it"
    )
    groups: str = Field(
        default="",
        description="Slack user groups, with commas, whose members may see pages; every member of "
        "the workspace unless set, and never guests, bots or other companies' people",
    )

    @field_validator("key")
    @classmethod
    def _long(cls, given: SecretStr) -> SecretStr:
        if 0 < len(given.get_secret_value().strip()) < 32:
            raise ValueError("take 32 characters or more: openssl rand -base64 32")
        return given

    @property
    def allowed(self) -> tuple[str, ...]:
        """The groups, one by one."""
        return tuple(filter(None, map(str.strip, self.groups.split(","))))


def _here(host: str) -> bool:
    """Whether it is this machine: a browser sends it nothing over a network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
