"""The demo's own library: the shipped runbooks, and a policy, services and detectors for a town."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import bot
from bot.catalog import checking, yaml
from bot.core.errors import ConfigurationError
from bot.core.runbook import Runbook

SHIPPED = Path(bot.__file__).resolve().parents[1] / "runbooks"

RULES = """
approvers:
  low: {groups: [approvers]}
  medium: {groups: [approvers]}
  high: {groups: [approvers]}
operators: {groups: [oncall]}
ask_when_critical: false
rates:
  - {per: everything, limit: 60, within: 1h}
breaker: {failures: 3, within: 1h, open_for: 10m}
"""

DETECTOR = """
detector: {unit}-{kind}
probes:
  - {{probe: http.status, as: health, with: {{url: "${{service.facts.health_url}}", timeout: 1s}}}}
every: {every}
firing: health.status == {status}
sustain: {sustain}
alert:
  name: {alert}
  severity: {severity}
  service: {unit}
  environment: demo
  summary: {summary}
"""


def write(directory: Path, urls: dict[str, str], every: str = "500ms", sustain: str = "1s") -> Path:
    """Write a library for these services (name → base URL) and return its directory."""
    if not SHIPPED.is_dir():
        raise ConfigurationError(
            f"the demo heals with the runbooks of a clone, and there are none in {SHIPPED}: "
            "clone the repository and install it with `pip install -e .`"
        )
    library = directory / "runbooks"
    (library / "policy").mkdir(parents=True, exist_ok=True)
    (library / "detectors").mkdir(exist_ok=True)
    for path in filter(_is_for_the_demo, SHIPPED.glob("*.yaml")):
        shutil.copy(path, library / path.name)
    (library / "policy" / "rules.yaml").write_text(RULES, encoding="utf-8")
    services = json.dumps({"services": [_service(name, url, urls) for name, url in urls.items()]})
    (library / "policy" / "services.yaml").write_text(services, encoding="utf-8")
    for unit in urls:
        down = DETECTOR.format(
            unit=unit, kind="down", every=every, status=0, sustain=sustain, alert="ServiceDown",
            severity="critical", summary=f"{unit} does not answer",
        )  # fmt: skip
        degraded = DETECTOR.format(
            unit=unit, kind="degraded", every=every, status=503, sustain=sustain,
            alert="ServiceDegraded", severity="warning",
            summary=f"{unit} answers, but says that it is degraded",
        )  # fmt: skip
        (library / "detectors" / f"{unit}-down.yaml").write_text(down, encoding="utf-8")
        (library / "detectors" / f"{unit}-degraded.yaml").write_text(degraded, encoding="utf-8")
    return library


def _is_for_the_demo(path: Path) -> bool:
    """Whether its owner allows it here: the others want systems that this town has not."""
    runbook = checking.check(yaml.read(path, SHIPPED), Runbook)
    return any(place.environment == "demo" for place in runbook.approved_for)


def _service(name: str, url: str, urls: dict[str, str]) -> dict[str, object]:
    others = [other for other in urls if other != name]
    return {
        "name": name,
        "environment": "demo",
        "owner": "team-shop",
        "tier": 3,
        "stateless": True,
        "depends_on": others if name == "web" else [],
        "facts": {
            "unit": name,
            "health_url": f"{url}/healthz",
            "pool_url": f"{url}/settings/pool",
            "breaker_url": f"{url}/settings/breaker",
        },
    }
