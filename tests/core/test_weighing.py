"""Votes are weighed: any no wins, and different people make the quorum."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import weighing
from bot.core.approval import Ending, Request, Vote
from bot.core.circle import Demand, Grounds
from tests.builders import START


def request(quorum: int = 1, *excluded: str) -> Request:
    return Request(
        round=1, plan_digest="d", quorum=quorum, excluded=excluded, expires_at=START
    )  # fmt: skip


def votes(text: str) -> list[Vote]:
    """Read "A+ B-" as a yes of A and a no of B."""
    return [Vote(who=word[:-1], yes=word.endswith("+")) for word in text.split()]


@pytest.mark.parametrize(
    ("quorum", "cast", "ending"),
    [
        (1, "", None),
        (1, "A+", Ending.APPROVED),
        (1, "A-", Ending.REJECTED),
        (1, "A+ B-", Ending.REJECTED),
        (2, "A+", None),
        (2, "A+ A+", None),
        (2, "A+ B+", Ending.APPROVED),
        (2, "A+ B+ C-", Ending.REJECTED),
        (3, "A+ B+ A+", None),
    ],
)
def test_votes_amount_to_a_decision_or_to_none(
    quorum: int, cast: str, ending: Ending | None
) -> None:
    assert weighing.weigh(request(quorum), votes(cast)) is ending


def test_the_yes_of_who_is_excluded_does_not_count() -> None:
    assert weighing.weigh(request(1, "A"), votes("A+")) is None
    assert weighing.weigh(request(1, "A"), votes("A+ B+")) is Ending.APPROVED


def test_the_no_of_who_is_excluded_counts() -> None:
    assert weighing.weigh(request(1, "A"), votes("A-")) is Ending.REJECTED


SRE = Demand(name="sre", groups=("sre",))
PAY = Demand(name="payments", groups=("payments",), people=("P",))
BOTH = Request(
    round=1, plan_digest="d", quorum=2, expires_at=START, groups=("sre", "payments"),
    people=("P",), demands=(SRE, PAY),
)  # fmt: skip
NO_PAY = "somebody of payments must agree, and nobody is left for that"
S, P, X = {"S": ("sre",)}, {"P": ("payments",)}, {"X": ("sre", "payments")}


@pytest.mark.parametrize(
    ("grounds", "lacks"),
    [
        ({}, "somebody of sre and somebody of payments"),
        (S, "somebody of payments"),
        ({**S, "T": ("sre",)}, "somebody of payments"),
        (X, "somebody of payments or sre"),
        ({**X, **S}, ""),
        ({**S, **X}, ""),
        ({**X, **P}, ""),
        ({**S, **P}, ""),
    ],
)
def test_one_person_of_each_must_agree_and_nobody_stands_for_two(
    grounds: Grounds, lacks: str
) -> None:
    cast = [Vote(who=who, yes=True) for who in grounds]

    assert weighing.tally(BOTH, cast, grounds).lacks == lacks
    assert (weighing.weigh(BOTH, cast, grounds) is Ending.APPROVED) == (not lacks)


def test_who_only_meets_a_demand_makes_no_quorum() -> None:
    """Owners of a service come on top: the policy's own people must agree as before."""
    one = Request(
        round=1, plan_digest="d", quorum=1, expires_at=START, groups=("sre",), demands=(PAY,)
    )

    assert weighing.weigh(one, votes("P+"), P) is None
    assert weighing.weigh(one, votes("P+ S+"), {**P, **S}) is Ending.APPROVED
    assert weighing.weigh(one, votes("X+"), X) is Ending.APPROVED


def test_who_may_not_decide_any_more_has_lapsed() -> None:
    told = weighing.tally(request(2), votes("A+ B+"), {"B": ("oncall",)})

    assert (told.counting, told.lapsed) == (("B",), ("A",))


def test_what_an_older_version_recorded_makes_its_quorum_but_meets_no_demand() -> None:
    assert weighing.weigh(request(2), votes("A+ B+"), None) is Ending.APPROVED
    assert weighing.weigh(BOTH, votes("S+ P+"), None) is None


@pytest.mark.parametrize(
    ("asked", "grounds", "why"),
    [
        (BOTH, {**S, **P}, ""),
        (BOTH, X, f"2 of sre, payments, P must agree, and there is only 1; {NO_PAY}"),
        (request(1), {}, "1 of nobody must agree, and there is nobody"),
        (BOTH.model_copy(update={"excluded": ("P",)}), {**S, **P, "T": ("sre",)},
         f"{NO_PAY}; who asked for it does not count"),
    ],
)  # fmt: skip
def test_what_nobody_could_approve_is_known_beforehand(
    asked: Request, grounds: Grounds, why: str
) -> None:
    assert weighing.hopeless(asked, grounds) == why


WORDS = ("a", "b", "c", "d")
NAMES = ("U1", "U2", "U3", "U4", "U5")
some_words = st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(tuple)
standing = st.dictionaries(st.sampled_from(NAMES), some_words, max_size=5)
demanded = st.lists(
    st.builds(Demand, name=st.sampled_from(("x", "y", "z")), groups=some_words), max_size=3
)
cast_votes = st.lists(st.builds(Vote, who=st.sampled_from(NAMES), yes=st.just(True)), max_size=8)
asked = st.builds(
    Request, round=st.just(1), plan_digest=st.just("d"), quorum=st.integers(1, 3),
    expires_at=st.just(START), groups=some_words, demands=demanded.map(tuple),
    excluded=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
)  # fmt: skip


def approved(request: Request, cast: list[Vote], grounds: Grounds) -> bool:
    return weighing.weigh(request, cast, grounds) is Ending.APPROVED


@given(asked, cast_votes, standing)
def test_what_is_approved_was_approved_by_different_people_who_may(
    request: Request, cast: list[Vote], grounds: Grounds
) -> None:
    """Counted by brute force: some people of the circle, and for each demand somebody else."""
    said = sorted({vote.who for vote in cast} - set(request.excluded))
    own = [who for who in said if set(grounds.get(who, ())) & set(request.words)]
    seated = any(
        all(set(grounds.get(who, ())) & set(demand.words)
            for who, demand in zip(chosen, request.demands, strict=True))
        for chosen in permutations(said, len(request.demands))
    )  # fmt: skip

    assert approved(request, cast, grounds) == (len(own) >= request.quorum and seated)


@given(asked, cast_votes, standing, demanded)
def test_one_demand_more_never_loosens(
    request: Request, cast: list[Vote], grounds: Grounds, more: list[Demand]
) -> None:
    stricter = request.model_copy(update={"demands": (*request.demands, *more)})

    assert approved(request, cast, grounds) or not approved(stricter, cast, grounds)


@given(asked, cast_votes, standing, st.sampled_from(NAMES))
def test_a_no_always_wins_and_who_is_excluded_or_gone_never_helps(
    request: Request, cast: list[Vote], grounds: Grounds, who: str
) -> None:
    without = [vote for vote in cast if vote.who != who]
    barred = request.model_copy(update={"excluded": (*request.excluded, who)})
    gone = {name: words for name, words in grounds.items() if name != who}

    assert weighing.weigh(request, [*cast, Vote(who=who, yes=False)], grounds) is Ending.REJECTED
    assert approved(barred, cast, grounds) == approved(barred, without, grounds)
    assert approved(request, cast, gone) == approved(request, without, gone)


@given(asked, cast_votes, standing)
def test_the_same_yes_twice_is_one(request: Request, cast: list[Vote], grounds: Grounds) -> None:
    assert approved(request, cast * 2, grounds) == approved(request, cast, grounds)


@given(asked, cast_votes, standing)
def test_what_is_hopeless_is_approved_by_nobody(
    request: Request, cast: list[Vote], grounds: Grounds
) -> None:
    may = [vote for vote in cast if grounds.get(vote.who)]

    assert not (weighing.hopeless(request, grounds) and approved(request, may, grounds))
