"""What of a link belongs to the system that made it, and not to who uses it."""

from __future__ import annotations

import re

VENDORS = (
    "pagerduty.com", "sentry.io", "opsgenie.com", "opsg.in", "datadoghq.com", "datadoghq.eu",
    "ddog-gov.com", "dynatrace.com", "amazon.com", "grafana.net", "slack.com",
)  # fmt: skip
SITES = frozenset(
    ["www", "app", "us3", "us5", "ap1", "ap2", "eu", "live", "apps", "console", "aws", "hooks"]
)
"""Parts of a vendor's host that name no customer."""
PATHS = frozenset(
    ["tr_events", "php", "triggerid", "eventid", "incidents", "services", "issues",
     "organizations", "alerts", "alert", "rules", "rule", "details", "detail", "monitors", "event",
     "cloudwatch", "home", "projects", "alerting", "grafana", "silence", "silences", "new", "view",
     "api", "problems", "problem", "problemdetails", "pid", "receiver", "group", "referrer",
     "alert_rule_id", "region", "alarmsV2", "alarm", "service", "environment", "env", "from_ts",
     "to_ts", "html", "list", "ui", "graph", "amp", "metric", "metrics", "dynatrace", "davis"]
)  # fmt: skip
"""Words of paths, queries and fragments."""
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
