"""The settings of ServiceNow: who Heal is there, and what it reads and writes."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.clients import addresses
from bot.core import recurrence
from bot.core.errors import PermanentError
from bot.plugins import Words


def _safe(text: str) -> str:
    if not text:
        return text
    try:
        url = addresses.plain(text)
    except PermanentError as error:
        raise ValueError(str(error)) from None
    if url.scheme != "https" and not addresses.here(url.host):
        raise ValueError("it is not https, so anybody on the way could read the password")
    return text.rstrip("/")


def _zone(text: str) -> str:
    return recurrence.zone(text).key if text else text


def _tiers(pairs: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no pair of a criticality and a tier."""
    for pair in pairs:
        if not re.fullmatch(r"[^=]*[^=\s][^=]*=\s*[1-5]", pair):
            raise ValueError(f"{pair!r} is not like 1=5: a criticality there, and a tier of 1 to 5")
    return pairs


class ServicenowSettings(BaseModel):
    """How ServiceNow is asked, and what is written there: HEAL_SERVICENOW_…."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_safe)] = Field(
        default="", description="the https address of the instance: https://acme.service-now.com"
    )
    user: str = Field(default="", max_length=200, description="the user that Heal is there")
    password: SecretStr = Field(
        default=SecretStr(""), description="its password, for Basic; best by its file"
    )
    token: SecretStr = Field(
        default=SecretStr(""), description="an OAuth access token, instead of user and password"
    )
    open_for: Words = Field(
        default=(),
        description="severities for which an incident is opened when an alert names none, with "
        "commas: critical,warning; empty = none is ever opened",
    )
    caller: str = Field(
        default="", max_length=200, description="the caller of incidents that Heal opens: a user"
    )
    group: str = Field(
        default="", max_length=200, description="the assignment group of incidents that Heal opens"
    )
    resolve: bool = Field(
        default=True,
        description="whether an incident is resolved once success was verified, and opened again "
        "when the trouble came back; otherwise only work notes are written",
    )
    close_code: str = Field(
        default="Solution provided", max_length=100, description="the resolution code then"
    )
    problems: bool = Field(
        default=False, description="whether a problem record is made when one is proposed"
    )
    change_templates: Words = Field(
        default=(),
        description="runbook=sys_id of the template of which a standard change is opened before "
        "its plan is carried out, with commas; * stands for any runbook; empty = none is opened",
    )
    blackouts: bool = Field(
        default=False,
        description="whether nothing is done while a span of a blackout schedule holds",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="",
        description="the clock of schedules without a time zone: Europe/Berlin; without it, what "
        "their spans mean is not known",
    )
    cmdb: bool = Field(
        default=False,
        description="whether owner, tier and dependants of a service are looked up in the CMDB "
        "(`cmdb_ci_service`) for each plan; what services.yaml says goes first",
    )
    cmdb_environments: Words = Field(
        default=(),
        description="environment=used for, where the two are not called the same, with commas: "
        "prod=Production,qa=Test",
    )
    cmdb_criticality: str = Field(
        default="busines_criticality",
        pattern=r"^[a-z0-9_]{1,80}$",
        description="the column of a service that says how critical it is; ServiceNow spells its "
        "own with one s",
    )
    cmdb_tiers: Annotated[Words, AfterValidator(_tiers)] = Field(
        default=("1=5", "2=4", "3=3", "4=2"),
        description="criticality=tier, with commas; `1` also stands for `1 - most critical`; one "
        "that is not listed is not known",
    )
    cmdb_relations: Words = Field(
        default=("Depends on::Used by",),
        description="types of relation by which a parent depends on its child, with commas",
    )
