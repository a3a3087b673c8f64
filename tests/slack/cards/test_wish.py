"""The form for a run fits into what Slack takes, whatever runbooks and services are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.clauses import Parameter, ParameterType
from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.rehearsal.workspace.views import _check
from bot.slack import choices
from bot.slack.cards import wish
from tests import builders
from tests.slack.cards import hostile

TEXTS = st.lists(st.sampled_from(hostile.FRAGMENTS) | st.text(max_size=30), max_size=8).map("".join)
NAMES = st.from_regex(r"\A[a-z][a-z0-9_]{0,39}\Z")
KINDS = st.sampled_from(["string", "integer", "number", "boolean", "duration"])
SIZES = {
    "to": {"type": "integer", "min": 20, "max": 80, "value": 50, "description": "connections"},
    "unit": {"type": "string", "pattern": "[a-z]+"},
    "mode": {"type": "string", "choices": ["soft", "hard"], "value": "soft"},
    "drain": {"type": "boolean", "value": True},
    "pod": {"type": "string", "value": "${alert.labels.pod}"},
    "grace": {"type": "duration", "min": "10s", "max": "5m", "value": "30s"},
}


def draft(**changes: Any) -> wish.Draft:
    book = builders.a_runbook()
    places = (builders.a_service(), builders.a_service(name="web"))
    askable = {name: Parameter.model_validate(one) for name, one in SIZES.items()}
    return wish.Draft(wish.About(channel="C0ALERTS"), book, places, askable)._replace(**changes)


def test_the_form_is_as_it_was_looked_at(golden: Callable[[str, Any], Any]) -> None:
    said = "the shop <!here> is slow & sad"
    views = {
        "empty": wish.form(wish.Draft(wish.About())),
        "message": wish.form(wish.Draft(wish.About(said=said))),
        "chosen": wish.form(draft()),
        "nowhere": wish.form(draft(places=(), note="Look again.")),
    }

    assert golden("wish", views) == views


@given(
    name=st.text("abcxyz-", min_size=60, max_size=62), title=TEXTS, about=TEXTS, said=TEXTS,
    known=st.dictionaries(NAMES, st.tuples(KINDS, TEXTS, TEXTS, st.booleans()), max_size=110),
    services=st.integers(0, 130),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_whatever_things_are_called_slack_takes_the_form(
    name: str, title: str, about: str, said: str, services: int,
    known: dict[str, tuple[str, str, str, bool]],
) -> None:  # fmt: skip
    own: dict[str, Any] = {
        "string": "text",
        "integer": 3,
        "number": 0.5,
        "boolean": True,
        "duration": "5s",
    }
    askable = {
        one: Parameter.model_construct(
            type=ParameterType(kind), description=describes[:200], pattern=pattern[:200] or None,
            min=None, max=None, choices=(), value=own[kind] if has else None,
        )
        for one, (kind, describes, pattern, has) in known.items()
    }  # fmt: skip
    book = builders.a_runbook().model_copy(
        update={"runbook": f"r{name}", "title": title or "t", "description": about or "d"}
    )
    places = [builders.a_service(name=f"s{at}{'x' * 58}") for at in range(services)]
    view = wish.form(wish.Draft(wish.About(said=said[: wish.SHOWN]), book, places, askable))

    _check(view, Surface.MODAL)
    assert accepted(view["blocks"], Surface.MODAL)
    shown = [one for one in wish.asked(wish.Draft(wish.About(), book, places, askable))
             if ":" in one]  # fmt: skip
    needed = [one for one, parameter in askable.items() if parameter.value is None]
    assert len(shown) == min(len(askable), wish.MOST)
    assert {f"r{name}:{one}" for one in needed[: wish.MOST]} <= set(shown)


def test_what_there_is_no_room_for_is_counted_and_can_be_written() -> None:
    spare = {f"spare_{at}": Parameter.model_validate({"type": "integer", "value": at})
             for at in range(100)}  # fmt: skip
    last = {"needed": Parameter.model_validate({"type": "string"})}
    view = wish.form(draft(askable={**spare, **last}))

    assert "and 13 more, which keep the runbook's own value here" in str(view)
    assert "raise-pool:needed" in str(view)


def test_of_500_runbooks_the_nearest_come_first_and_no_more_than_slack_takes() -> None:
    books = [builders.a_runbook(runbook=f"restart-number-{at}") for at in range(500)]
    books.append(builders.a_runbook(runbook="clear-old-logs", title="Remove logs from a full disk"))
    names = [one.runbook for one in choices.runbooks(books, "")]

    assert len(names) == choices.MOST
    assert [one.runbook for one in choices.runbooks(books, "full disk")] == ["clear-old-logs"]
    assert choices.runbooks(books, "number 499")[0].runbook == "restart-number-499"
    assert choices.runbooks(books, "claer-old-lgos")[0].runbook == "clear-old-logs"
    assert choices.runbooks(books, "restart number-4")[0].runbook == "restart-number-4"


@given(typed=TEXTS)
@settings(max_examples=50, deadline=None)
def test_whatever_is_typed_what_is_offered_is_known(typed: str) -> None:
    books = [builders.a_runbook(), builders.a_runbook(runbook="restart-service")]

    assert all(one in books for one in choices.runbooks(books, typed))


@pytest.mark.parametrize(
    "text",
    ["", "x", "{}", '{"channel": "D0SAM"}', '{"channel": "<!here>"}', '{"thread": "1"}',
     '{"said": 3}', '{"channel": "C0ALERTS", "who": "U0ANA"}'],
)  # fmt: skip
def test_a_forged_address_leads_to_the_usual_channel(text: str) -> None:
    about = wish.About.of(text)

    assert (about.channel, about.thread) == ("", "")


def test_how_it_is_meant_has_to_be_said_or_nothing_is_done() -> None:
    sent = {"runbook": "raise-pool", "place": "shop in production", "raise-pool:to": " 60 ",
            "other:to": "99", "raise-pool:unit": " "}  # fmt: skip

    assert wish.wish("U1", sent).dry_run
    assert wish.wish("U1", {**sent, "how": "SHOW"}).dry_run
    assert not wish.wish("U1", {**sent, "how": "ask"}).dry_run
    assert wish.wish("U1", sent).given == {
        "to": "60", "service": "shop", "environment": "production",
    }  # fmt: skip


def test_a_choice_says_which_of_two_places_it_is() -> None:
    one, other = (wish.place(builders.a_service(name="x" * 63, environment=where * 21))
                  for where in ("abc", "xyz"))  # fmt: skip

    assert one["value"] != other["value"]
    assert one["description"] != other["description"]
    assert len(str(one["value"])) <= 150
