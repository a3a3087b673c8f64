"""Orders are read as people write them, and a slip is answered with its remedy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import words
from bot.slack.escapes import undone
from bot.slack.verbs import Order, Unclear, Verb

ID = "inc-7f3k2m"


def known(word: str) -> str | None:
    if word == "p-1x":
        return word
    return ID if word in {"inc-7f3k2m", "run-7f3k2m", "7f3k2m"} else None


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", {"verb": Verb.HELP}),
        ("  Status ", {"verb": Verb.STATUS}),
        ("list", {"verb": Verb.LIST}),
        ("stages", {"verb": Verb.STAGES}),
        ("run scale", {"verb": Verb.RUN, "runbook": "scale"}),
        ("dry-run scale n=3", {"verb": Verb.DRY_RUN, "runbook": "scale", "given": {"n": "3"}}),
        ('run scale n=3 "more load"',
         {"verb": Verb.RUN, "runbook": "scale", "given": {"n": "3"}, "why": "more load"}),
        ("run scale name=“two words”",
         {"verb": Verb.RUN, "runbook": "scale", "given": {"name": "two words"}}),
        ("run scale query=a=b", {"verb": Verb.RUN, "runbook": "scale", "given": {"query": "a=b"}}),
        ("approve run-7f3k2m", {"verb": Verb.APPROVE, "incident": ID}),
        ("reject 7f3k2m don't do it",
         {"verb": Verb.REJECT, "incident": ID, "why": "don't do it"}),
        ("cancel 7f3k2m", {"verb": Verb.CANCEL, "incident": ID}),
        ("cancel 7f3k2m by hand", {"verb": Verb.CANCEL, "incident": ID, "why": "by hand"}),
        ("undo 7f3k2m", {"verb": Verb.UNDO, "incident": ID}),
        ('break-glass 7f3k2m "it is down"',
         {"verb": Verb.BREAK_GLASS, "incident": ID, "why": "it is down"}),
        ("keep 7f3k2m", {"verb": Verb.KEEP, "incident": ID}),
        ("why run-7f3k2m", {"verb": Verb.WHY, "incident": ID}),
        ("tickets retry", {"verb": Verb.TICKETS}),
        ("history", {"verb": Verb.HISTORY}),
        ("report", {"verb": Verb.REPORT, "lasts": timedelta(hours=24)}),
        ("report 7d", {"verb": Verb.REPORT, "lasts": timedelta(days=7)}),
        ("history 3", {"verb": Verb.HISTORY, "count": 3}),
        ("stop the\nhouse", {"verb": Verb.STOP, "why": "the\nhouse"}),
        ("resume all good", {"verb": Verb.RESUME, "why": "all good"}),
        ('allow scale on shop for 2h "release"',
         {"verb": Verb.ALLOW, "runbook": "scale", "service": "shop", "why": "release",
          "lasts": timedelta(hours=2)}),
        ("allow scale on shop in prod for 90m max 3 runs “two words”",
         {"verb": Verb.ALLOW, "runbook": "scale", "service": "shop", "environment": "prod",
          "lasts": timedelta(minutes=90), "runs": 3, "why": "two words"}),
        ("revoke p-1x the release is over",
         {"verb": Verb.REVOKE, "incident": "p-1x", "why": "the release is over"}),
        ("approve p-1x", {"verb": Verb.APPROVE, "incident": "p-1x"}),
        ('freeze payments 2h "release"',
         {"verb": Verb.FREEZE, "service": "payments", "environment": "*",
          "lasts": timedelta(hours=2), "why": "release"}),
        ("freeze * in production 1d we move",
         {"verb": Verb.FREEZE, "service": "*", "environment": "production",
          "lasts": timedelta(days=1), "why": "we move"}),
        ("unfreeze payments",
         {"verb": Verb.UNFREEZE, "service": "payments", "environment": "*"}),
        ("unfreeze payments in production all done",
         {"verb": Verb.UNFREEZE, "service": "payments", "environment": "production",
          "why": "all done"}),
    ],
)  # fmt: skip
def test_an_order_is_read(text: str, fields: dict[str, Any]) -> None:
    assert Order(**fields) == words.parse(text, known)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zzz x", "use one of"),
        ("rejct x", "did you mean 'reject'"),
        ("run", "list"),
        ("run scale loose", "name=value"),
        ("run scale n=1 n=2", "twice"),
        ("run scale 'open", "name=value"),
        ("approve", "which one"),
        ("approve inc-000000", "no incident"),
        ("reject 7f3k2m", "say why"),
        ("stop", "say why"),
        ("history many", "no count"),
        ("allow scale on shop", "write `allow <runbook> on <service>"),
        ('allow scale on shop for 2 "release"', "is not a duration"),
        ("allow scale on shop for 2h", "write `allow <runbook> on <service>"),
        ("revoke p-9z", "no incident"),
        ("freeze", "write `freeze <service>"),
        ("unfreeze", "write `unfreeze <service>"),
        ("freeze payments", "is not a duration"),
        ("freeze payments release", "'release' is not a duration"),
        ("freeze payments 2h", "say why"),
        ('freeze payments 2h ""', "say why"),
        ("freeze payments 9999d x", "longer than ten years"),
        ("history 0", "no count"),
        ("stop " + "x" * 4000, "shorter"),
    ],
)
def test_a_slip_is_answered_with_its_remedy(text: str, says: str) -> None:
    found = words.parse(text, known)

    assert isinstance(found, Unclear)
    assert says in found.says


@pytest.mark.parametrize(
    ("text", "why"),
    [("reject not now", "not now"), ("reject please wait", "please wait"), ("cancel", "")],
)
def test_in_its_thread_an_incident_need_not_be_named(text: str, why: str) -> None:
    found = words.parse(text, known, here="inc-0a0a0a")

    assert ("inc-0a0a0a", why) == (found.incident, found.why)  # type: ignore[union-attr]


def test_in_a_thread_another_incidents_id_is_that_incident() -> None:
    found = words.parse("approve 7f3k2m", known, here="inc-0a0a0a")

    assert Order(verb=Verb.APPROVE, incident=ID) == found


@pytest.mark.parametrize("word", ["inc-9z9z9z", "9z9z9z", "run-what"])
def test_in_a_thread_an_unknown_id_is_never_taken_for_this_incident(word: str) -> None:
    assert isinstance(words.parse(f"approve {word}", known, here="inc-0a0a0a"), Unclear)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<http://web-1.example|web-1.example>", "web-1.example"),
        ("<http://web-1.example/>", "http://web-1.example/"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<https://evil.example|good.example>", "https://evil.example"),
        ("<#C1|alerts>", "#alerts"),
        ("<!subteam^S1|@ops>", "@ops"),
        ("<!here>", "@here"),
        ('<@U1|a" why="x>', "@U1"),
        ("&lt;script&gt; &amp;amp;", "<script> &amp;"),
    ],
)
def test_what_slack_did_to_the_text_is_undone(typed: str, read: str) -> None:
    assert read == undone(typed)


@given(st.text(max_size=400), st.sampled_from(["", "inc-0a0a0a"]))
def test_any_text_is_an_order_or_is_explained(text: str, here: str) -> None:
    assert isinstance(words.parse(text, known, here), Order | Unclear)
