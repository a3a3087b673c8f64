"""Requests: the bytes that Alertmanager and Slack would send, each one another than the last."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from bot.clock import Clock

Asked = tuple[str, bytes]
"""A mark by which it can be found again in what was stored, and the whole request."""
Make = Callable[[int], Asked]

SERVICES = 50
"""How many services the alerts of a storm are about."""
MARK = "0123456789abcdef"
"""Stands in a message where its mark comes: a fingerprint has as many digits."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
TEAM, USER = "T0LOCAL", "U0ANDRE"


def alert(told: Mapping[str, Any]) -> Make:
    """
    One alert a message, as Alertmanager writes them: each of another pod, one service in turn.

    Told: token, prefix (hex; another one for another storm), and perhaps `kinds`: how many
    different alerts there are, which then come again and again.
    """
    starts = f"{Clock().now():%Y-%m-%dT%H:%M:%S.000Z}"
    bearer = {"Authorization": f"Bearer {told['token']}"}
    whole = []
    for number in range(SERVICES):
        pieces = json.dumps(_message(f"service-{number}", starts)).encode().split(MARK.encode())
        size = sum(map(len, pieces)) + len(MARK) * (len(pieces) - 1)
        whole.append((_head("/alerts/alertmanager", JSON, size, bearer), pieces))
    prefix, kinds = told["prefix"], told.get("kinds", sys.maxsize)

    def make(number: int) -> Asked:
        number %= kinds
        mark = f"{prefix}{number:0{len(MARK) - len(prefix)}x}"
        head, pieces = whole[number % SERVICES]
        return mark, head + mark.encode().join(pieces)

    return make


def command(told: Mapping[str, Any]) -> Make:
    """`/heal status` of somebody on call, signed as Slack signs. Told: secret."""
    return _signed(told["secret"], lambda number: urlencode(_command(number)).encode())


def click(told: Mapping[str, Any]) -> Make:
    """
    An Approve of somebody who may, under a card that says nothing of an incident any more.

    Told: secret.
    """
    return _signed(told["secret"], _clicked)


def both(told: Mapping[str, Any]) -> Make:
    """Commands and clicks in turn. Told: secret."""
    kinds = (command(told), click(told))
    return lambda number: kinds[number % 2](number)


KINDS: Mapping[str, Callable[[Mapping[str, Any]], Make]] = {
    "alert": alert,
    "command": command,
    "click": click,
    "both": both,
}


def _signed(secret: str, body_of: Callable[[int], bytes]) -> Make:
    clock, key = Clock(), secret.encode()

    def make(number: int) -> Asked:
        body, stamp = body_of(number), str(int(clock.now().timestamp()))
        signed = hmac.new(key, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        proof = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}
        return _trigger(number), _head("/slack/events", FORM, len(body), proof) + body

    return make


def _head(path: str, kind: str, size: int, more: Mapping[str, str]) -> bytes:
    given = {"Host": "127.0.0.1", "Content-Type": kind, "Content-Length": str(size), **more}
    named = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {path} HTTP/1.1\r\n{named}\r\n".encode()


def _message(service: str, starts: str) -> dict[str, object]:
    """What Alertmanager posts: version 4, with everything that it repeats of its one alert."""
    group = {"alertname": "PodCrashLooping", "service": service, "environment": "bench"}
    page = "https://runbooks.example/pod"
    alert = {
        "status": "firing",
        "labels": {
            **group, "severity": "critical", "cluster": "eu-1", "namespace": "shop",
            "container": "app", "team": "payments", "pod": f"checkout-7d9f8b6c5-{MARK}",
        },
        "annotations": {
            "summary": "Pod is crash looping",
            "description": "It restarted 5 times in the last 10 minutes and needs attention",
            "runbook_url": page,
        },
        "startsAt": starts, "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=x", "fingerprint": MARK,
    }  # fmt: skip
    return {
        "version": "4", "groupKey": f"{{}}:{{service={service}}}", "truncatedAlerts": 0,
        "status": "firing", "receiver": "heal", "groupLabels": group, "commonLabels": group,
        "commonAnnotations": {"runbook_url": page},
        "externalURL": "http://alertmanager.example:9093", "alerts": [alert],
    }  # fmt: skip


def _trigger(number: int) -> str:
    return f"{number}.{number}.bench"


def _command(number: int) -> dict[str, str]:
    return {
        "token": "t", "team_id": TEAM, "team_domain": "local", "channel_id": "C0ALERTS",
        "channel_name": "alerts", "user_id": USER, "user_name": "andre", "command": "/heal",
        "text": "status", "api_app_id": "A0HEAL", "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.example/commands/1/2", "trigger_id": _trigger(number),
    }  # fmt: skip


def _clicked(number: int) -> bytes:
    said = [{"type": "section", "text": {"type": "mrkdwn", "text": "What it does. " * 12}}] * 10
    payload = {
        "type": "block_actions", "token": "t", "api_app_id": "A0HEAL",
        "team": {"id": TEAM, "domain": "local"},
        "user": {"id": USER, "username": "andre", "name": "andre", "team_id": TEAM},
        "container": {"type": "message", "message_ts": "1.000001", "channel_id": "C0ALERTS"},
        "channel": {"id": "C0ALERTS", "name": "alerts"}, "trigger_id": _trigger(number),
        "message": {"type": "message", "ts": "1.000001", "user": "U0HEAL", "blocks": said},
        "response_url": "https://hooks.slack.example/actions/1/2",
        "actions": [{"type": "button", "action_id": "approve_recovery", "block_id": "b",
                     "value": "inc-2a2a2a.1", "action_ts": f"{number}.1"}],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)}).encode()
