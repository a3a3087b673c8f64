"""Metrics: what can be read at a scrape, each figure defined once; in Prometheus' format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["counter", "gauge", "histogram"]


class Figure(NamedTuple):
    """
    One figure: counters begin at 0 with the process, gauges say how it stands.

    A label's values come from closed lists: no service, incident, person or sender's text is one.
    """

    name: str
    kind: Kind
    says: str
    labels: tuple[str, ...] = ()


MESSAGES = Figure(
    "heal_messages_received_total", "counter",
    "what senders posted: `accepted`, `duplicate`, `greeted`; or `unauthentic`, `malformed`, "
    "`too_large`, `too_slow`, `throttled` (over its quota, or too many at once), `unavailable` "
    "(the inbox is full or cannot be written)",
    ("source", "outcome"),
)  # fmt: skip
ALERTS = Figure(
    "heal_alerts_accepted_total", "counter",
    "alerts in the accepted messages, repetitions and all", ("source",),
)  # fmt: skip
RECORDED = Figure(
    "heal_alerts_recorded_total", "counter",
    "alerts that were news and went into the ledger; the accepted ones beyond them were "
    "repetitions, or wait in the inbox", ("source",),
)  # fmt: skip
ACCEPT = Figure(
    "heal_accept_seconds", "histogram",
    "from a message's arrival to its answer 202, which comes after the disk has it",
)  # fmt: skip
INBOX = Figure(
    "heal_inbox_pending", "gauge",
    "items that are safe on disk and not dealt with yet, by the door they came through", ("room",),
)  # fmt: skip
OLDEST = Figure("heal_inbox_oldest_seconds", "gauge", "how long the oldest of them waits; 0 = none")
OPEN = Figure(
    "heal_incidents_open", "gauge", "incidents that are not over, by where they stand", ("state",)
)
PLANS = Figure(
    "heal_plans_total", "counter",
    "plans by policy's answer: `allow`, `ask`, `deny`; `none` where none could be made, `healthy` "
    "where none was needed",
    ("verdict",),
)  # fmt: skip
STOPPED = Figure(
    "heal_plans_stopped_total", "counter",
    "plans that policy did not let run by itself, by each rule that decided it; `begin` is a no at "
    "the last moment, when the run was about to begin", ("verdict", "rule"),
)  # fmt: skip
RUNS = Figure(
    "heal_runs_total", "counter",
    "runs: `started`; then `verified` (it helped), `rolled_back`, or `left` (a person was called "
    "to a change that stands); later perhaps `reverted` on purpose, or `came_back`", ("outcome",),
)  # fmt: skip
APPROVALS = Figure(
    "heal_approvals_total", "counter",
    "requests for approval: `asked`; then how each ended, such as `approved`, `rejected`, "
    "`expired` (nobody answered in time), `withdrawn` (its alert cleared)", ("outcome",),
)  # fmt: skip
STEPS = Figure(
    "heal_steps_total", "counter",
    "steps that ended, by how; `back` is `yes` on the way back", ("ending", "back"),
)  # fmt: skip
VERIFICATIONS = Figure(
    "heal_verifications_total", "counter",
    "looks at the success criteria after a run, or after its rollback: `passed`, `failed`",
    ("of", "outcome"),
)  # fmt: skip
APPROVED_IN = Figure(
    "heal_approval_seconds", "histogram", "from the question to a person's yes or no"
)
STEP_IN = Figure("heal_step_seconds", "histogram", "what a step took that was done")
VERIFIED_IN = Figure(
    "heal_verification_seconds", "histogram", "how long success was watched after a run"
)
HEALED_IN = Figure(
    "heal_healing_seconds", "histogram", "from an incident's opening to its verified success"
)
WAITING = Figure("heal_queue_waiting", "gauge", "approved plans that wait their turn to run")
LONGEST = Figure(
    "heal_queue_longest_seconds", "gauge", "how long the first of them waits; 0 = none"
)
OUTBOX = Figure(
    "heal_slack_outbox_pending", "gauge", "messages and edits that Slack has yet to take"
)
OUTBOX_OLDEST = Figure(
    "heal_slack_outbox_oldest_seconds", "gauge", "how long the oldest of them waits; 0 = none"
)
LIMITED = Figure(
    "heal_slack_limited_total", "counter",
    "times that Slack said that we speak too fast, by what we wanted", ("method",),
)  # fmt: skip
EXHIBITS = Figure(
    "heal_exhibits_total", "counter",
    "what was kept to be looked at: `picture`, `text`, `table`", ("sort",),
)  # fmt: skip
HALTED = Figure("heal_halted", "gauge", "1 while `stop` holds")
STORM = Figure(
    "heal_storm_guard", "gauge", "1 while so much is in trouble that nothing runs by itself"
)
STALLS = Figure(
    "heal_event_loop_stalls_total", "counter",
    "times that one thing held up all others for more than 0.25 s; the log says which",
)  # fmt: skip
STALLED = Figure(
    "heal_event_loop_stalled_seconds_total", "counter", "seconds that these took, to 0.1 s or so"
)
SIGNED = Figure(
    "heal_checkpoint_entries", "gauge",
    "entries of the ledger that the last checkpoint covers; 0 = nothing is signed",
)  # fmt: skip
BEHIND = Figure(
    "heal_checkpoints_behind", "gauge", "checkpoints that a sink does not have yet", ("sink",)
)
UNTOLD = Figure(
    "heal_tickets_waiting", "gauge",
    "incidents of which a system outside waits to be told something", ("system",),
)  # fmt: skip
TOLD = Figure(
    "heal_tickets_updates_total", "counter", "updates that were told, or given up, since the start",
    ("system", "ending"),
)  # fmt: skip
GIVEN_UP = Figure(
    "heal_tickets_given_up", "gauge",
    "updates that a system outside was not told, of what is open or ended lately", ("system",),
)  # fmt: skip
BUILD = Figure("heal_build_info", "gauge", "always 1", ("version", "workflow"))

FIGURES = (
    MESSAGES, ALERTS, RECORDED, ACCEPT, INBOX, OLDEST, OPEN, PLANS, STOPPED, APPROVALS,
    APPROVED_IN, RUNS, STEPS, STEP_IN, VERIFICATIONS, VERIFIED_IN, HEALED_IN, EXHIBITS, WAITING,
    LONGEST, OUTBOX, OUTBOX_OLDEST, LIMITED, HALTED, STORM, STALLS, STALLED, SIGNED, BEHIND,
    UNTOLD, TOLD, GIVEN_UP, BUILD,
)  # fmt: skip
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; 0.1 is what an accept may take at its 99th hundredth in a storm."""
LONG = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0)
"""Seconds of what people, runs and services take."""
TIMED = {ACCEPT: BUCKETS} | dict.fromkeys((APPROVED_IN, STEP_IN, VERIFIED_IN, HEALED_IN), LONG)

Values = Mapping[Figure, Mapping[tuple[str, ...], float]]
"""What each figure stands at, by the values of its labels in their order."""


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._read = _Read()
        self._registry.register(self._read)
        ProcessCollector(registry=self._registry)
        self._timed = {
            one: Histogram(one.name, one.says, buckets=buckets, registry=self._registry)
            for one, buckets in TIMED.items()
        }

    def accepted(self, seconds: float) -> None:
        """Note how long one message waited for its yes."""
        self.took(ACCEPT, seconds)

    def took(self, what: Figure, seconds: float) -> None:
        """Note how long one of the histograms' things took."""
        self._timed[what].observe(max(seconds, 0.0))

    def text(self, values: Values) -> bytes:
        """Write down all of them, with what was just read of those that are asked for."""
        self._read.values = values
        return generate_latest(self._registry)


class _Read:
    """Hands the registry what was read for this scrape."""

    def __init__(self) -> None:
        self.values: Values = {}

    def collect(self) -> Iterator[Metric]:
        for figure, values in self.values.items():
            yield _family(figure, values.items())


def _family(figure: Figure, values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family = kind(figure.name, figure.says, labels=figure.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family
