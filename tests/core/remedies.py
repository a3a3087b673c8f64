"""Builders of the runbook, alert and service that the tests of matching speak of."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.runbook import Runbook

URL = "${service.facts.health_url}"
WRITTEN: dict[str, Any] = {
    "runbook": "restart-dead-service",
    "title": "Restart a service that stopped answering",
    "description": "Restarts one unit; does not help when the machine is gone.",
    "owner": "platform",
    "approved_for": [{"service": "shop", "environment": "demo"}],
    "match": {"alerts": ["ServiceDown"], "severity": ["warning", "critical"]},
    "parameters": {
        "unit": {"type": "string", "value": "${service.facts.unit}", "pattern": "[a-z]+"},
        "size": {"type": "integer", "value": 50, "min": 20, "max": 80},
    },
    "diagnose": [{"probe": "host.process", "as": "process", "with": {"unit": "${params.unit}"}}],
    "safe_when": 'process.state != "activating"',
    "steps": [{"do": "host.restart_service", "with": {"unit": "${params.unit}"}}],
    "verify": {
        "probes": [{"probe": "http.status", "as": "health", "with": {"url": URL}}],
        "success": "health.status == 200",
        "within": "60s",
        "every": "2s",
        "hold": "4s",
    },
    "escalate": {"to": "oncall", "say": "The restart did not help; look at the log."},
    "estimate": {"recovery": "2m"},
    "tests": [
        {
            "name": "a dead shop is matched",
            "alert": {
                "name": "ServiceDown",
                "severity": "critical",
                "labels": {"service": "shop", "environment": "demo"},
            },
            "service": {"facts": {"unit": "shop", "health_url": "http://127.0.0.1/"}},
            "evidence": {"process": {"state": "failed"}, "health": {"status": 0}},
            "expect": {
                "match": True,
                "parameters": {"unit": "shop"},
                "steps": ["host.restart_service"],
                "safe": True,
                "success": False,
            },
        }
    ],
}


def written(**changes: Any) -> dict[str, Any]:
    """The runbook as data, with top-level fields replaced; None removes one."""
    data = copy.deepcopy(WRITTEN) | changes
    return {key: value for key, value in data.items() if value is not None}


def a_runbook(name: str = "restart-dead-service", **changes: Any) -> Runbook:
    return Runbook.model_validate(written(runbook=name, **changes))


def an_alert(name: str = "ServiceDown", **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "source": "test",
        "name": name,
        "fingerprint": "f",
        "status": "firing",
        "severity": "critical",
        "labels": {"service": "shop", "environment": "demo"},
        "starts_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Alert.model_validate(fields | changes)


def a_service(name: str = "shop", **changes: Any) -> Service:
    fields: dict[str, Any] = {
        "name": name,
        "environment": "demo",
        "owner": "shop-team",
        "tier": 2,
        "stateless": True,
        "facts": {"unit": "shop", "health_url": "http://127.0.0.1/health"},
    }
    return Service.model_validate(fields | changes)
