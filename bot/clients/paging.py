"""The settings HEAL_PAGERDUTY_*: how it is asked, written to, and which places it is told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.clients import addresses
from bot.clients.proofs import Pairs

TOKEN = "HEAL_PAGERDUTY_TOKEN"  # noqa: S105 - the name of a variable


def pairs(words: Iterable[str]) -> dict[str, str]:
    """What is named for places, by place: `shop/production=a, *=b`."""
    pairs = (word.partition("=") for word in words if word.strip())
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def routed(secret: SecretStr) -> SecretStr:
    """Refuse what is no integration key, without telling it."""
    for place, key in pairs(secret.get_secret_value().split(",")).items():
        if not (place and re.fullmatch(r"[0-9A-Za-z]{32}", key)):
            raise ValueError("it is not like service/environment=a key of 32 signs")
    return secret


class PagerdutySettings(BaseModel):
    """How PagerDuty is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(
        default=SecretStr(""),
        description="a REST API key of PagerDuty, for roles with `pagerduty:` schedules and for "
        "its alerts that are read from a channel; read-only unless SENDER is set",
    )
    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://api.pagerduty.com",
        description="the https address of its REST API; in Europe https://api.eu.pagerduty.com",
    )
    sender: str = Field(
        default="",
        pattern=r"^([^\s@]+@[^\s@]+)?$",
        description="the address of the user there in whose name Heal writes; set, its incidents "
        "are kept in step",
    )
    acknowledge: bool = Field(
        default=False,
        description="whether Heal acknowledges its incident when a run begins: that stops "
        "PagerDuty's own calls to people until the run failed",
    )
    escalate_to: Pairs = Field(
        default=(),
        description="service/environment=id of the escalation policy that gets what Heal could not "
        "mend, with commas; the environment may be left out, * is any service",
    )
    routing_keys: Annotated[SecretStr, AfterValidator(routed)] = Field(
        default=SecretStr(""),
        description="service/environment=integration key of 32 signs (Events API v2), with commas: "
        "what is paged that did not come from PagerDuty; * is any service; secret, best by file",
    )
    events_url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://events.pagerduty.com",
        description="the https address for events; in Europe https://events.eu.pagerduty.com",
    )
    opens_for: Literal["escalated", "every"] = Field(
        default="escalated",
        description="which incidents that came from elsewhere are paged: `escalated`, those that "
        "Heal could not mend (escalation of the policy), or `every`, from their beginning",
    )

    @property
    def keys(self) -> dict[str, str]:
        """The integration keys by their places."""
        return pairs(self.routing_keys.get_secret_value().split(","))

    def policy(self, service: str, environment: str) -> str:
        """The escalation policy for a place; empty where none is named."""
        return of_place(pairs(self.escalate_to), service, environment)


def of_place(named: Mapping[str, str], service: str, environment: str) -> str:
    """What is named for a service in an environment, for the service, or for any."""
    found = (named.get(one) for one in (f"{service}/{environment}", service, "*"))
    return next(filter(None, found), "")
