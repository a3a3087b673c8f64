"""Ours: the whole bot as it runs in production, in HTTP mode, on a library made for the bench."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import House
from bot.bench import child, children
from bot.bench.children import Child
from bot.bench.measure import Trial
from bot.bench.requests import SERVICES
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.cast import App
from bot.settings import Settings
from bot.telemetry import logs

APP = App()
TOKEN = "bench-alertmanager-token"  # noqa: S105 - opens this bench's own door only
LEDGER = "heal.db"
NOWHERE = "127.0.0.1:9"
"""Named by the bench's runbook; nothing listens there, for nobody ever says yes to it."""
RUNBOOK = f"""
runbook: recreate-pod
title: Recreate a pod that crashes again and again
description: A pod that crashes in a loop is thrown away, so that it starts on another node.
owner: platform
approved_for: [{{service: "*", environment: bench}}]
match: {{alerts: [PodCrashLooping]}}
steps:
  - do: http.request
    with: {{method: DELETE, url: "http://{NOWHERE}/pods", target: {{name: "${{service.name}}"}}}}
    on_uncertain: ask
    timeout: 30s
verify:
  probes: [{{probe: http.status, as: health, with: {{url: "http://{NOWHERE}/", timeout: 3s}}}}]
  success: health.status == 200
  within: 5s
  every: 1s
  hold: 2s
  relapse: 20m
escalate: {{to: oncall, say: It crashes on another node too; look at what it runs.}}
safety:
  unattended: false
  attempts: [{{limit: 3, within: 1h}}]
  cool_down: 1m
  approval: {{expires: 1h, quorum: 1}}
estimate: {{recovery: 1m, cost: none}}
tests: []
"""
RULES = """
approvers:
  low: {groups: [approvers]}
  medium: {groups: [approvers]}
  high: {groups: [approvers]}
operators: {groups: [oncall]}
"""


@asynccontextmanager
async def opened(trial: Trial) -> AsyncIterator[Child]:
    """A bot in a process of its own, below the trial's directory, with Slack in this one."""
    runbooks = _library(trial.directory / "runbooks")
    async with Workspace.open(tiers=False) as workspace:
        told = {
            "api": workspace.api_url,
            "ledger": str(ledger(trial)),
            "runbooks": str(runbooks),
        }
        core = trial.cores.server
        async with children.started(__name__, told, trial.directory, core) as bot:
            yield bot


def ledger(trial: Trial) -> Path:
    return trial.directory / LEDGER


async def main(told: Mapping[str, Any]) -> None:
    settings = Settings(
        SLACK_BOT_TOKEN=APP.bot_token,
        SLACK_SIGNING_SECRET=APP.signing_secret,
        SLACK_API_URL=told["api"],
        SLACK_RECOVERY_CHANNEL="#alerts",
        SLACK_PORT=0,
        HEAL_LEDGER=told["ledger"],
        HEAL_RUNBOOKS=told["runbooks"],
    )
    sections = {
        "alertmanager": {"webhook_token": TOKEN, "webhook_quota": "1000000"},
        "http": {"allowed_hosts": NOWHERE},
    }
    logs.begin("INFO", [])
    house = await House.open(settings, sections=lambda name: sections.get(name, {}))
    child.say(port=house.server.port)
    await child.until_let_go()
    await house.close()


def _library(directory: Path) -> Path:
    (directory / "policy").mkdir(parents=True)
    (directory / "recreate-pod.yaml").write_text(RUNBOOK, encoding="utf-8")
    (directory / "policy" / "rules.yaml").write_text(RULES, encoding="utf-8")
    services = [
        {"name": f"service-{number}", "environment": "bench", "owner": "team", "tier": 3,
         "stateless": True, "depends_on": [], "facts": {}}
        for number in range(SERVICES)
    ]  # fmt: skip
    (directory / "policy" / "services.yaml").write_text(
        json.dumps({"services": services}), encoding="utf-8"
    )
    return directory
