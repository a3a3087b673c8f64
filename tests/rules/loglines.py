"""The examples of docs/logs.md, written by the formatter itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.telemetry import logs
from bot.telemetry.logs import Form
from tests.rules import house

WHOSE = {
    "incident": "inc-7f3k2m", "run": "run-7f3k2m", "service": "shop", "environment": "prod",
    "runbook": "restart-dead-service", "plan": "9f1c0d8e7b6a",
}  # fmt: skip
AT = 1763780645.123
LINES: tuple[tuple[str, int, str, Mapping[str, object]], ...] = (
    ("bot.app.lines", logging.INFO, "opened: shop does not answer",
     {"incident": "inc-7f3k2m", "service": "shop", "environment": "prod",
      "actor": "alertmanager", "kind": "incident.opened", "seq": 4711}),
    ("bot.clients.ssh", logging.WARNING, "web-1 did not answer within 10 s; it is asked again",
     {**WHOSE, "step": "step:1", "actor": "heal"}),
    ("bot.web.access", logging.INFO, "POST /alerts/zabbix: 401",
     {"method": "POST", "path": "/alerts/zabbix", "status": 401, "seconds": 0.0021}),
)  # fmt: skip


def for_programs() -> str:
    """Some lines of a night as a program reads them."""
    return _examples(Form.JSON)


def for_people() -> str:
    """The same lines as a person reads them."""
    return _examples(Form.TEXT)


def _examples(form: Form) -> str:
    formatter = logs.formatter([], form)
    written = []
    for name, level, event, fields in LINES:
        record = logging.getLogger(name).makeRecord(
            name, level, "", 1, event, (), None, extra=dict(fields)
        )
        record.created = AT
        written.append(formatter.format(record))
    fence = "json" if form is Form.JSON else "text"
    return f"```{fence}\n" + "\n".join(written) + "\n```\n"


PAGE = house.ROOT / "docs" / "logs.md"
PARTS = {"log-lines": for_programs, "log-lines-text": for_people}
