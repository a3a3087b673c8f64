"""What happened, in plain sentences, and the transcript as a document."""

from __future__ import annotations

import typing

import pytest

from bot.core import facts, telling
from bot.core.needed import Needed
from tests import builders
from tests.core import permits
from tests.slack.cards import stories

KINDS = {kind.model_fields["kind"].default for kind in typing.get_args(
    typing.get_args(facts.AnyFact)[0])}  # fmt: skip
HOUSE = (
    builders.halted(), facts.Resumed(by="U1", why="all is well"),
    facts.Refused(door="/alerts/grafana", why="the signature is wrong"),
    facts.Barred(round=1, who="U9", why="is no approver"), facts.News(cleared=True),
    facts.Recovered(why="the pool has room"), facts.Cancelling(by="U1", why="by hand"),
    facts.Expired(), facts.TurnCame(), facts.GoesOn(), facts.Waits(
        round=0, at=builders.START, until=builders.START,
        needed=(Needed(service="db", incident="inc-1"),)), facts.Quieted(why="it must last"),
    facts.Signalled(mark="recovery-inc-1", tries=1), facts.Raised(level=2, calls=("leads",)),
    facts.Taken(by="U1"), facts.Taken(by="Bea", at="pagerduty"), facts.Unheard(levels=2),
    facts.Gathered(incidents=("inc-1", "inc-2"), lines=("inc-1: shop is down",)),
    facts.Exhibited(
        name="graph.png", media="image/png", title="Errors", says="they fall", size=1, sha256="0"
    ),
    facts.Snoozed(by="U1", until=builders.START),
    facts.TicketLinked(system="servicenow", reference="INC1"),
    facts.TicketTold(system="servicenow", number=0, mark="inc-1.0", title="opened", tries=1),
    facts.TicketAgain(by="U1"),
    facts.Proposed(by="U1", title="shop is down", service="shop", environment="production",
                   incidents=("inc-1", "inc-2")), facts.Thawed(by="U1", service="shop"),
    facts.Froze(by="U1", service="*", until=builders.START, why="release"), *permits.STORY,
    facts.PolicyTaken(digest="b" * 64, before="a" * 64, runbooks=7, changed=("tier: 4 → 5",)),
    facts.PolicyRefused(name="n", keeps="a" * 64, problems=("rules.yaml:1: mend it",), count=1),
    facts.LedgerRestored(made_at=builders.START, unheard=0),
    facts.LedgerSealed(first=1, upto=2, head="a" * 64, frontier="0", file="heal.db.1-2",
                       sha256="b" * 64, stays=1, stay_hash="c" * 64),
    facts.CheckpointKey(key="a.test+1234+A"),
    facts.CheckpointKey(key="a.test+5678+B", before="a.test+1234+A"),
)  # fmt: skip


def every_fact() -> list[facts.AnyFact]:
    told = [entry for story in stories.STORIES.values() for entry in builders.entries(*story())]
    return [*(facts.read(entry.body) for entry in told), *HOUSE]


def test_every_kind_of_fact_is_in_the_stories() -> None:
    assert {fact.kind for fact in every_fact()} == KINDS


def test_every_fact_is_one_sentence() -> None:
    for fact in every_fact():
        said = telling.sentence(fact)

        assert said not in {f"{fact.kind}.", ""}
        assert said.endswith((".", "…"))
        assert "\n" not in said


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (facts.Claimed(number=2, nonce="n"), "Step 2 begins."),
        (facts.Claimed(number=2, nonce="n", stop="halted"), "Nothing more begins: halted."),
        (facts.RolledBack(clean=False, says="forbidden"), "The rollback FAILED: forbidden."),
        (facts.Gathered(incidents=tuple("abcdefghijk"), lines=()),
         ("One page tells of 11 incidents whose own was held back: "
          "a, b, c, d, e, f, g, h, i, j and 1 more.")),
        (facts.Raised(level=2, calls=("leads",), held=True),
         ("Nobody said that they have it, so level 2 is called: leads; its page is held back, "
          "and sent as one with others.")),
        (facts.TicketLinked(system="servicenow", reference=""),
         "From now on servicenow is kept in step with it, where a record is opened for it."),
        (facts.TicketTold(system="servicenow", number=3, mark="inc-1.3", title="Plan made",
                          reference="INC1", tries=2),
         "servicenow INC1 was told, at try 2: Plan made."),
        (facts.TicketTold(system="servicenow", number=3, mark="inc-1.3", title="Plan made",
                          tries=9, why_not="it answered 401"),
         "servicenow was NOT told (Plan made): it answered 401."),
        (facts.TakenBack(by="inc-9k2m4p"), "It was taken back by inc-9k2m4p."),
        (facts.Rebuilt(round=1, digest="d" * 64),
         "Built again, the plan is the same (dddddddddddd): the yes holds."),
        (facts.Rebuilt(round=1, digest="d" * 64, waited=True),
         "Its turn came: built again, the plan is the same (dddddddddddd)."),
        (facts.Escalated(to="shop", why="a", calls=("leads", "U7")),
         "Escalated to shop (leads, U7): a."),
        (facts.Escalated(to="oncall", why="a\u202eb\nc"), "Escalated to oncall: a⟨U+202E⟩b c."),
    ],
)  # fmt: skip
def test_a_sentence_is_plain(fact: facts.AnyFact, said: str) -> None:
    assert said == telling.sentence(fact)


def test_an_error_is_never_a_value() -> None:
    blind = facts.Reading(name="load", probe="p", seen={"cpu": 1}, error="no answer")

    assert telling.reading(blind) == "load: nothing seen: no answer"


def test_a_transcript_ends_with_the_head_and_how_to_verify_it() -> None:
    story = stories.STORIES["resolved"]()
    entries = builders.entries(*story)
    told = telling.transcript(builders.an_incident(*story), entries)

    assert entries[-1].hash in told.split("## Place in the ledger")[1]
    assert "heal audit verify" in told


def test_a_transcript_names_everything_an_auditor_asks_for() -> None:
    story = stories.STORIES["rollback_failed"]()
    told = telling.transcript(builders.an_incident(*story), builders.entries(*story))
    wanted = ("2026-03-14T03:00:00.000000Z", "kubectl scale deployment/shop", "replicas=4",
              "freeze window", "status=502", "run-7f3k2m", "The rollback FAILED")  # fmt: skip

    assert [one for one in wanted if one not in told] == []


def test_a_brief_transcript_says_how_many_alerts_it_leaves_out() -> None:
    story = stories.STORIES["resolved"]()
    incident, entries = builders.an_incident(*story), builders.entries(*story)
    brief = telling.transcript(incident, entries, 99_800)

    assert "99800 more alerts joined meanwhile, which are left out here" in brief
    assert f"`heal audit show {incident.id}`" in brief
    assert f"Entries of this incident: {99_800 + len(entries)}." in brief
    assert "left out" not in telling.transcript(incident, entries)


def test_a_cell_cannot_hold_markdown() -> None:
    opened = builders.an_opening(title="a | b <img> `x` [y](z)")
    told = telling.transcript(builders.an_incident(opened), builders.entries(opened))

    assert r"a \| b \<img\> \`x\` \[y\](z)" in told
