"""What the one message of an incident promises in each of its states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.cmdb import Entry
from bot.core.facts import Expired
from bot.core.policy.verdict import Ruling, Verdict
from bot.slack.cards import root
from tests import builders
from tests.slack.cards import stories

NOW = builders.START + timedelta(minutes=4)


def blocks(name: str, now: Any = NOW) -> list[Any]:
    return root.card(stories.incident(name), now).blocks


def buttons(name: str, now: Any = NOW) -> dict[str, str]:
    rows = [block for block in blocks(name, now) if block["type"] == "actions"]
    return {one["action_id"]: one["value"] for row in rows for one in row["elements"]}


def test_the_buttons_name_the_incident_and_the_round() -> None:
    value = "inc-7f3k2m.2"
    names = ("approve_recovery", "reject_recovery", "view_recovery_details", "edit_plan")

    assert dict.fromkeys(names, value) == buttons("changed")


def test_the_row_of_buttons_is_named_by_incident_and_round() -> None:
    assert blocks("changed")[-1]["block_id"] == "recovery_inc-7f3k2m.2"


ASKING = {
    *(
        "awaiting",
        "in_company",
        "awaiting_two",
        "changed",
        "in_increments",
        "reminded",
        "reminded_alone",
    ),
    "undoing",
    "edited",
    "glass",
    "recurring",
}


@pytest.mark.parametrize("name", ["glass", "glass_broken"])
def test_break_glass_is_loud_as_long_as_its_card_stands(name: str) -> None:
    card = str(blocks(name))

    assert "🚨 *BREAK-GLASS* <@U0ANA> asked to override policy's no *freeze window*" in card
    assert "payments are down" in card


def test_who_breaks_the_glass_is_asked_once_more() -> None:
    approve = blocks("glass")[-1]["elements"][0]

    assert approve["confirm"]["title"]["text"] == "This is break-glass"
    assert approve["confirm"]["text"]["text"].startswith("Policy says no (freeze window). 1 step")


@pytest.mark.parametrize("name", sorted(set(stories.STORIES) - ASKING))
def test_nobody_can_approve_what_is_not_asked(name: str) -> None:
    assert "approve_recovery" not in buttons(name)


def test_no_button_outlives_its_deadline() -> None:
    assert buttons("awaiting", builders.START + timedelta(minutes=10)) == {}


def test_an_unanswered_request_says_that_nothing_was_executed_at_once() -> None:
    late = Expired(deadline=builders.START + timedelta(minutes=10))
    incident = builders.an_incident(*stories.STORIES["awaiting"](), late)
    card = str(root.card(incident, NOW).blocks)

    assert "Approval timeout – NOT executed" in card
    assert "approve_recovery" not in card


def test_high_risk_is_confirmed_once_more() -> None:
    approve = blocks("awaiting_two")[-1]["elements"][0]

    assert approve["confirm"]["confirm"]["text"] == "Execute"


def test_medium_risk_is_one_click() -> None:
    assert "confirm" not in blocks("awaiting")[-1]["elements"][0]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("healed_for_now", {"keep_run", "undo_run"}),
        ("kept", {"undo_run"}),
        ("resolved_alone", {"undo_run"}),
        ("resolved", set()),
        ("reverted", set()),
        ("rolled_back", set()),
    ],
)
def test_keep_and_undo_are_offered_where_they_mean_something(name: str, wanted: set[str]) -> None:
    assert wanted == set(buttons(name))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("looking", "⏳ Analyzing… reading evidence. Nothing has been changed."),
        ("looking", "300 alerts since"),
        ("awaiting", "1. `systemctl restart shop on web-1`"),
        ("awaiting", "unit shop on web-1: touches 1 of 3"),
        ("awaiting", "`web.status == 200`\nfor 30 s, within 2 min"),
        ("awaiting", "5 rules allow: kill switch, freeze window"),
        ("awaiting", "production asks: a restart in production asks a person"),
        ("awaiting", "open until <!date^"),
        ("awaiting", "may approve: <!subteam^S0APPROVERS>"),
        ("awaiting_two", "1 of 2 approvals: <@U0ANA>"),
        ("awaiting_two", "*irreversible*: step 1 cannot be taken back"),
        ("running", "✅ available: `kubectl scale deployment/shop --replicas=4`"),
        ("changed", "replicas 4 → 5"),
        ("approved", "*Approved by <@U0ANA>* at"),
        ("rejected", "*Rejected by <@U0ANDRE>* at"),
        ("rejected", "the database is being moved tonight – it will NOT be executed"),
        ("expired", "Approval timeout – NOT executed"),
        ("paused", "*Paused by <@U0ANDRE>* at"),
        ("withdrawn", "the alert cleared by itself"),
        ("taken_out", "Withdrawn: its detector was taken out of the runbooks at "),
        ("healed", "7 checks in 41 s"),
        ("healed_for_now", "unless somebody keeps it"),
        ("kept", "Kept by <@U0ANDRE>"),
        ("resolved", "it took 409 s (6 min 49 s)"),
        ("denied", "freeze window denies: production is frozen until 06:00 UTC"),
        ("rollback_failed", "*The rollback FAILED.* Step 1: kubernetes refused: forbidden."),
        ("rolled_back", "<!subteam^S0ONCALL> was called"),
        ("not_fixed", "It goes on in `inc-9x8y7z`"),
        ("already_healthy", "nothing was executed"),
        ("dry_run", "nothing was executed"),
        ("dry_run", "1. [DRY RUN] `"),
        ("reverted", "Going back on purpose"),
        ("undoing", "none: this is itself the way back"),
        ("undoing", "not <@U0ANA>, who asked for it"),
    ],
)
def test_a_card_says_what_happened(name: str, said: str) -> None:
    told = [
        text["text"]
        for block in blocks(name)
        for text in (block.get("text"), *block.get("fields", ()), *block.get("elements", ()))
        if text and isinstance(text.get("text"), str)
    ]

    assert [line for line in told if said in line], "\n".join(told)


def test_what_a_ticket_system_was_not_told_stands_on_the_card_until_it_is_told() -> None:
    def told(number: int, why: str) -> facts.TicketTold:
        title = "<!here> opened" if number else "plan made"
        return facts.TicketTold(system="servicenow", reference="INC1", number=number, mark="m",
                                title=title, tries=3, why_not=why)  # fmt: skip

    story = [*stories.STORIES["awaiting"](), told(0, "it is closed"), told(1, "it is closed")]
    given_up = str(root.card(builders.an_incident(*story), builders.START).blocks)
    all_told = [*story, told(0, ""), told(1, "")]

    assert "*servicenow INC1 was not told 2 updates*" in given_up
    assert "“&lt;!here&gt; opened”: it is closed. `tickets retry`" in given_up
    assert "not told" not in str(root.card(builders.an_incident(*all_told), builders.START).blocks)


def test_what_the_alert_says_stands_alone_in_plain_words() -> None:
    quoted = [b for b in blocks("awaiting") if "502" in str(b)]

    assert [block["text"]["type"] for block in quoted] == ["plain_text"]


def test_a_given_yes_takes_the_buttons_away_before_the_plan_is_built_again() -> None:
    incident = builders.an_incident(*stories.STORIES["approved"]()[:-1])
    card = root.card(incident, NOW)

    assert card.text.startswith("🔓 Approved")
    assert "approve_recovery" not in str(card.blocks)


def test_every_mrkdwn_text_is_verbatim() -> None:
    card = str(blocks("awaiting"))

    assert card.count("'mrkdwn'") == card.count("'verbatim': True")


def test_the_tier_is_the_catalogues_whatever_the_alert_says() -> None:
    boasting = builders.an_alert(labels={"service": "shop", "tier": "5"})
    chosen = facts.Chosen(runbook="restart-service", owner="team-shop", tier=2)
    known = builders.an_incident(builders.an_opening(alert=boasting), chosen)
    said = str(root.card(known, NOW).blocks)

    assert "tier 2 of team-shop" in said
    assert "tier 5" not in said


def test_what_a_cmdb_says_is_marked_as_its_word_and_escaped() -> None:
    entry = Entry(system="servicenow", owner="<Shop>", tier=4, environment="Production")
    plan = builders.a_plan().model_copy(update={"cmdb": (entry,)})
    planned = facts.Planned(round=1, plan=plan, digest=plan.digest)
    chosen = facts.Chosen(runbook="raise-pool", owner="team-shop")
    known = builders.an_incident(builders.an_opening(), chosen, facts.Diagnosed(), planned)
    said = str(root.card(known, NOW).blocks)

    assert "of team-shop · servicenow's CMDB: owner &lt;Shop&gt;, used for Production, " in said


def test_the_person_who_halted_everything_is_named_as_people_are() -> None:
    no = Verdict(
        ruling=Ruling.DENY,
        rule="kill switch",
        reason="U0ANA halted everything: nothing begins until it is resumed",
    )
    plan = builders.a_plan()
    known = builders.an_incident(
        *stories.STORIES["diagnosed"](),
        facts.Planned(round=1, plan=plan, digest=plan.digest, ruling=Ruling.DENY, verdicts=(no,)),
        facts.Escalated(to="oncall", why=f"policy says no: {no.reason}"),
    )
    said = str(root.card(known, NOW).blocks)

    assert said.count("<@U0ANA> halted everything") == 2
    assert "U0ANA halted" not in said.replace("<@U0ANA>", "")


def test_a_card_says_why_its_severity_is_not_the_sender_s() -> None:
    said = "policy takes its sender's 'P1' for critical"
    opened = builders.an_opening(alert=builders.an_alert(rated=said))
    card = root.card(builders.an_incident(opened), NOW)

    assert said in str(card.blocks[1]).replace("\\'", "'")
