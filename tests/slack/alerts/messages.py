"""Messages of monitoring: Alertmanager's as captured, Grafana's as its templates write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CAPTURED: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("alertmanager.jsonl").read_text().splitlines()
]
FIRING, NAMED, NAMED_OVER, OVER = CAPTURED
"""By the default template; by one that prints labels, firing and resolved; the default's end."""
LINK = "http://am.example:9093/#/alerts?receiver=slack-default"

ONE = """
Value: A=7, C=1
Labels:
 - alertname = CrashLoop
 - namespace = payments
 - pod = {pod}
 - service = shop
Annotations:
 - summary = {summary}
Source: http://grafana.example/alerting/grafana/x/view
Silence: http://grafana.example/alerting/silence/new
"""


def default(title: str, link: str = LINK) -> dict[str, Any]:
    """What Alertmanager's default template makes of a group."""
    return {
        "text": "", "username": "Alertmanager",
        "attachments": [{"title": title, "title_link": link, "fallback": f"{title} | {link}",
                         "text": "", "color": "danger"}],
    }  # fmt: skip


def listing(status: str, *pods: str) -> dict[str, Any]:
    """What a template makes that prints the labels of every alert by name."""
    pairs = " ".join(
        f"• *alertname:* `CrashLoop`  • *pod:* `{pod}`  • *service:* `shop`" for pod in pods
    )
    made = default(f"[{status}] CrashLoop shop")
    made["attachments"][0]["text"] = f"*Alert:* it restarts *Details:* {pairs}"
    return made


def grafana(head: str, text: str) -> dict[str, Any]:
    return {
        "text": "",
        "attachments": [{"title": f"[{head}] CrashLoop payments (critical)", "text": text,
                         "title_link": "http://grafana.example/alerting/grafana/x/view",
                         "fallback": head, "color": "D63232", "footer": "Grafana v12.1.0"}],
    }  # fmt: skip


def one(pod: str = "api-1", summary: str = "Pod crash looping") -> str:
    return ONE.format(pod=pod, summary=summary)
