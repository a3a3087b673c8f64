"""The tree is that of RFC 6962: its known roots and proofs, and a naive tree, agree with it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import merkle
from bot.core.merkle import Frontier, Tree

VECTORS = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves of the test vectors that implementations of RFC 6962 share."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
HASHES = [merkle.leaf(octets) for octets in VECTORS]


def naive(leaves: list[bytes]) -> bytes:
    """The definition in section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + naive(leaves[:half]) + naive(leaves[half:])).digest()


def some(count: int) -> list[bytes]:
    return [merkle.leaf(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_the_known_ones(size: int) -> None:
    frontier = Frontier()
    for hashed in HASHES[:size]:
        frontier.add(hashed)

    assert frontier.root.hex() == ROOTS[size - 1]
    assert Tree(HASHES).root(size).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert Frontier().root.hex() == Tree([]).root(0).hex() == empty


@pytest.mark.parametrize(
    ("place", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_the_proofs_of_inclusion_are_the_known_ones(place: int, size: int, path: list[str]) -> None:
    assert [each.hex() for each in Tree(HASHES).inclusion(place, size)] == path


@pytest.mark.parametrize(
    ("first", "size", "path"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ],
)
def test_the_proofs_of_consistency_are_the_known_ones(
    first: int, size: int, path: list[str]
) -> None:
    assert [each.hex() for each in Tree(HASHES).consistency(first, size)] == path


@given(size=st.integers(0, 70), steps=st.lists(st.integers(1, 40), max_size=6))
def test_a_frontier_has_the_root_of_the_naive_tree_however_it_grew(
    size: int, steps: list[int]
) -> None:
    octets = [str(number).encode() for number in range(size + sum(steps))]
    frontier = Frontier()
    for each in octets[:size]:
        frontier.add(merkle.leaf(each))
    at = size
    for step in steps:
        frontier = Frontier.read(frontier.written)
        frontier.extend(octets[at : at + step])
        at += step

    assert frontier.size == at
    assert frontier.root == naive([merkle.leaf(each) for each in octets])
    assert len(frontier.peaks) == at.bit_count()


@given(st.integers(1, 140).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_what_is_in_the_tree_can_be_proved_and_nothing_else(given: tuple[int, int]) -> None:
    size, place = given
    leaves = some(size)
    tree = Tree(leaves)
    path, root = tree.inclusion(place, size), naive(leaves)

    assert merkle.root_by_inclusion(leaves[place], place, size, path) == root
    assert merkle.root_by_inclusion(merkle.leaf(b"another"), place, size, path) != root
    for spoilt in ([*path, root], path[:-1]):
        if len(spoilt) != len(path):
            with pytest.raises(ValueError, match="proof is too"):
                merkle.root_by_inclusion(leaves[place], place, size, spoilt)
    for at in range(len(path)):
        other = [*path[:at], merkle.leaf(path[at]), *path[at + 1 :]]
        assert merkle.root_by_inclusion(leaves[place], place, size, other) != root


@given(
    st.integers(1, 140).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    st.integers(0, 139),
)
def test_a_tree_that_grew_is_consistent_and_another_one_is_not(
    given: tuple[int, int], changed: int
) -> None:
    size, first = given
    leaves = some(size)
    path = Tree(leaves).consistency(first, size)
    old, new = naive(leaves[:first]), naive(leaves)

    assert merkle.consistent(first, old, size, new, path)
    assert not merkle.consistent(first, old, size, new, [*path, new])
    assert not merkle.consistent(first, new if first < size else b"", size, old, path)
    other = list(leaves)
    other[changed % first] = merkle.leaf(b"another")
    forged = Tree(other).consistency(first, size)
    assert not merkle.consistent(first, old, size, naive(other), forged)


@given(st.integers(2, 70).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1))))
def test_what_comes_after_a_frontier_is_proved_without_what_came_before(
    given: tuple[int, int],
) -> None:
    size, away = given
    leaves = some(size)
    under = Frontier()
    for each in leaves[:away]:
        under.add(each)
    whole, rest = Tree(leaves), Tree(leaves[away:], under)

    assert rest.root(size) == whole.root(size)
    for place in range(away, size):
        assert rest.inclusion(place, size) == whole.inclusion(place, size)
        assert rest.consistency(place + 1, size) == whole.consistency(place + 1, size)
    assert rest.consistency(away, size) == whole.consistency(away, size)


@pytest.mark.parametrize("text", ["", "3 ab", "-1", "x", f"2 {'a' * 64} {'b' * 64}", "1 zz"])
def test_what_is_no_frontier_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Frontier.read(text)


def test_a_leaf_that_is_away_is_not_made_up() -> None:
    under = Frontier()
    for each in some(4):
        under.add(each)

    with pytest.raises(KeyError, match="away"):
        Tree(some(2), under).inclusion(1, 6)
