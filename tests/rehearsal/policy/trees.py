"""A library on disk: one shipped runbook, and a policy as a test wants it."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

from bot.catalog import shelving
from bot.catalog.calls import KnownNames
from bot.core.values import Facts
from bot.plugins import Toolbox

SHIPPED = Path(__file__).parents[3] / "runbooks"
BOOK = "restart-dead-service"
RULES: Facts = {
    "approvers": {"high": {"groups": ["sre"], "people": ["U0ANA"]}},
    "ask_when_critical": False,
    "production": {"preapproved": [{"runbook": BOOK, "service": "shop-api"}]},
    "ask_from_tier": 5,
}
FREEZE: Facts = {
    "name": "year-end freeze",
    "environments": ["production"],
    "starts": "2026-12-18T18:00:00+01:00",
    "ends": "2027-01-04T08:00:00+01:00",
}
ALERT = {
    "name": "ServiceDown",
    "severity": "critical",
    "labels": {"service": "shop-api", "environment": "production"},
}


def tree(folder: Path, *, unattended: bool = True, tier: int = 3, **rules: object) -> Path:
    """Write `folder` anew and return it; a rule that is None is left out."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "policy").mkdir(parents=True)
    text = (SHIPPED / f"{BOOK}.yaml").read_text(encoding="utf-8")
    if unattended:
        text = text.replace("unattended: false", "unattended: true")
    (folder / f"{BOOK}.yaml").write_text(text, encoding="utf-8")
    wanted = {key: value for key, value in {**RULES, **rules}.items() if value is not None}
    (folder / "policy" / "rules.yaml").write_text(json.dumps(wanted), encoding="utf-8")
    service = {
        "name": "shop-api", "environment": "production", "owner": "team-shop", "tier": tier,
        "stateless": True,
        "facts": {"unit": "shop-api", "health_url": "http://shop-api.example/healthz"},
    }  # fmt: skip
    services = json.dumps({"services": [service]})
    (folder / "policy" / "services.yaml").write_text(services, encoding="utf-8")
    return folder


def alert(folder: Path, **changes: object) -> str:
    """Write an alert in Heal's own words, and return its path."""
    path = folder / "alert.json"
    path.write_text(json.dumps({**ALERT, **changes}), encoding="utf-8")
    return str(path)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def known() -> KnownNames:
    """The names of all plug-ins."""
    return shelving.known_names(Toolbox(None, lambda _: {}))
