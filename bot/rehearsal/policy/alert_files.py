"""An alert out of a file: as a source or a channel sends it, or in Heal's own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import Field, JsonValue, ValidationError

from bot.catalog import checking
from bot.core import redaction, spelling, values
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import ConfigurationError
from bot.core.posted import Posted
from bot.core.promises import StagedAlert
from bot.plugins import Toolbox
from bot.rehearsal import trying
from bot.slack.alerts import formats, settling

LARGEST = 2_000_000
"""Characters of a file; a source takes no more either."""


class OwnAlert(StagedAlert):
    """Heal's own: a name and labels are enough."""

    source: str = Field(default="file", max_length=100, description="who says so")


def read(text: str, toolbox: Toolbox, now: datetime) -> tuple[Alert, ...]:
    """Read every alert of a text that fires; ConfigurationError says which fields are wrong."""
    if len(text) > LARGEST:
        raise ConfigurationError(f"the alert is longer than {LARGEST} characters: send one alert")
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"the alert is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ConfigurationError("the alert is not a JSON object: write {…} around its fields")
    ours = "name" in content and isinstance(content.get("labels", {}), dict)
    alerts = [_of_heal(content, now)] if ours else _of_others(text, content, toolbox, now)
    firing = tuple(redaction.of_alert(one) for one in alerts if one.firing)
    if not firing:
        raise ConfigurationError("no alert in it fires: what is resolved is not planned for")
    return firing


def _of_heal(content: Mapping[str, JsonValue], now: datetime) -> Alert:
    """All that an alert is, or the few words of it that a runbook's test gives."""
    try:
        if "fingerprint" in content:
            return Alert.model_validate_json(json.dumps(content))
        own = OwnAlert.model_validate_json(json.dumps(content))
    except ValidationError as error:
        model = Alert if "fingerprint" in content else OwnAlert
        wrong = [
            f"the alert's {'.'.join(map(str, one['loc']))}: {checking.explain(model, one)}"
            for one in error.errors(include_url=False)
        ]
        raise ConfigurationError("\n".join(wrong)) from None
    return Alert(
        **own.model_dump(),
        fingerprint=values.digest(dict(own.labels))[:16],
        status=AlertStatus.FIRING,
        starts_at=now,
    )


def _of_others(
    text: str, content: Mapping[str, JsonValue], toolbox: Toolbox, now: datetime
) -> list[Alert]:
    """Each source is asked in turn; where none knows it, all of their reasons are told."""
    sources = {name: toolbox.source(name) for name in trying.ordered(toolbox.names("sources"))}
    tried = trying.read(Posted({}, text.encode(), now), sources)
    if tried.source:
        return [*tried.alerts]
    if (told := formats.read(content)) is not None:
        return settling.settle(told, "", None, (), now)
    keys = ", ".join(spelling.quoted(key) for key in list(content)[:8]) or "nothing"
    reasons = "; ".join(f"{name}: {why}" for name, why in tried.refused.items())
    raise ConfigurationError(
        f"no source knows this alert, which has the fields {keys}. {reasons}. "
        'Heal\'s own is like {"name": "ServiceDown", "severity": "critical", '
        '"labels": {"service": "shop-api", "environment": "production"}}'
    )
