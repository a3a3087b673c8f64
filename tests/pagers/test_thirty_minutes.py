"""The page that sets PagerDuty up in 30 minutes: done as it stands there, and no more, it works."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core import updates
from bot.core.alert import Alert, Severity
from bot.core.facts import Escalated
from bot.core.ladder import Need
from bot.core.posted import Posted
from bot.pagers.pagerduty import PagerDuty
from bot.sources import pagerduty as source
from tests import builders
from tests.desks import pagers, stands
from tests.slack.cards import stories
from tests.sources.samples import NOW, PAYLOADS

PAGE = (Path(__file__).parents[2] / "docs" / "pagers.md").read_text()
STEPS = PAGE[PAGE.index("## PagerDuty in 30 minutes") : PAGE.index("Custom fields of an incident")]
SECRET = "s3cret-of-the-subscription"
FREE = re.compile(
    r"GET /users|GET /incidents|(GET|PUT) /incidents/\w+|(GET|POST) /incidents/\w+/notes"
    r"|POST /v2/enqueue"
)
"""What an account of one service, one schedule and one escalation policy can be asked."""


def named() -> dict[str, str]:
    """Every setting that the steps name, with the value that they give, if they give one."""
    return dict(re.findall(r"`HEAL_PAGERDUTY_([A-Z_]+)(?:=([^`]*))?`", STEPS))


def triggered(**fields: Any) -> bytes:
    """What the webhook of step 1 posts about an incident of the service of step 2."""
    sent = json.loads((PAYLOADS / "pagerduty_triggered.json").read_bytes())
    sent["event"]["occurred_at"] = (NOW - timedelta(seconds=5)).isoformat()
    sent["event"]["data"] |= {"service": {"id": "PF9KMXH", "summary": "Shop API"}, **fields}
    return json.dumps(sent).encode()


async def read(body: bytes) -> Alert:
    """Taken by the webhook as the steps set it, signed as PagerDuty signs it."""
    told = named()
    assert {"WEBHOOK_SECRET", "WEBHOOK_SERVICES"} <= set(told)
    door = source.PagerDuty(
        source.PagerdutyWebhookSettings(
            secret=SecretStr(SECRET),
            services=told["WEBHOOK_SERVICES"],
        )
    )
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    posted = Posted({"x-pagerduty-signature": f"v1={digest}"}, body, NOW)
    assert await door.authentic(posted) == ""
    [alert] = door.read(posted)
    return alert


async def test_r137_the_steps_of_the_page_are_all_that_a_free_account_takes() -> None:
    values = {"TOKEN": pagers.TOKEN, "SENDER": pagers.SENDER}
    routing = {"ROUTING_KEYS": f"{named()['ROUTING_KEYS']}{pagers.ROUTING}"}
    settings = {name for name in named() if not name.startswith("WEBHOOK_")}
    alert = await read(triggered(id="PABC123"))
    async with pagers.opened() as double, stands.a_rig() as rig:
        double.put("PABC123")
        there = {"url": double.url, "events_url": double.url}
        told = {name.lower(): text for name, text in (values | routing).items()}
        pager: PagerDuty = stands.made("pagerduty", told | there, rig, room="pagers")
        fine = await pager.why_not()
        known = builders.an_incident(builders.an_opening(alert=alert))
        for update in updates.of(stories.incident("resolved")):
            await pager.tell(update, pager.concerns(known) or "", uncertain=False)
        page = Escalated(to="oncall", why="it did not help", need=Need.FAILED, page=True)
        elsewhere = builders.an_incident(builders.an_opening(), page)
        [*_, last] = updates.of(elsewhere)
        new = await pager.tell(last, pager.concerns(elsewhere) or "", uncertain=False)
        asked = double.door.asked

    assert settings == {"TOKEN", "SENDER", "ROUTING_KEYS"}
    assert fine == ""
    assert (alert.labels["service"], alert.labels["environment"]) == ("shop", "production")
    assert double.incidents["PABC123"]["status"] == "resolved"
    assert double.named(new) is not None
    assert [one for one in asked if not FREE.fullmatch(one)] == []


FIELDS = dict(re.findall(r"^\| (`.*`|any other) \| (.*) \|$", PAGE, re.MULTILINE))
SENT = {
    "service": "pay", "environment": "staging", "alertname": "PayIsSlow", "severity": "info",
    "confidence": "0.6", "region": "eu-1",
}  # fmt: skip


async def test_r137_every_custom_field_that_is_written_down_means_what_it_says() -> None:
    written = [*re.findall(r"`(\w+)`", " ".join(FIELDS)), "region"]
    alert = await read(triggered(custom_fields=[{"name": n, "value": v} for n, v in SENT.items()]))
    plain = await read(triggered())

    assert sorted(written) == sorted(SENT)
    assert "any other" in FIELDS
    assert alert.name == "PayIsSlow"
    assert plain.name == "A little bump in the road"
    assert (alert.severity, plain.severity) == (Severity.INFO, Severity.CRITICAL)
    assert (alert.confidence, plain.confidence) == (0.6, 1.0)
    assert alert.labels["region"] == "eu-1"


@pytest.mark.parametrize("field", ["service", "environment"])
async def test_r137_a_custom_field_says_which_service_it_is_where_nothing_is_mapped(
    field: str,
) -> None:
    door = source.PagerDuty(source.PagerdutyWebhookSettings())
    body = triggered(custom_fields=[{"name": field, "value": SENT[field]}])
    [alert] = door.read(Posted({}, body, NOW))

    assert f"`{field}`" in " ".join(FIELDS)
    assert alert.labels[field] == SENT[field]
