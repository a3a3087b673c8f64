"""Values at places, and everything exactly as it was when they go back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.kubernetes import pointers
from bot.core.errors import PermanentError

POD: dict[str, Any] = {
    "metadata": {"name": "api"},
    "spec": {
        "containers": [
            {"name": "proxy", "image": "proxy:1"},
            {"name": "api", "image": "shop:1", "env": [{"name": "POOL", "value": "20"}]},
        ],
    },
}
API = "/spec/containers/[name=api]"


@pytest.mark.parametrize(
    ("edits", "operations"),
    [
        (
            {f"{API}/image": ["shop:2"]},
            [{"op": "replace", "path": "/spec/containers/1/image", "value": "shop:2"}],
        ),
        (
            {f"{API}/env/[name=SIZE]/value": ["3"]},
            [
                {
                    "op": "add",
                    "path": "/spec/containers/1/env/1",
                    "value": {"name": "SIZE", "value": "3"},
                }
            ],
        ),
        (
            {"/spec/containers/[name=proxy]/env/[name=SIZE]/value": ["3"]},
            [
                {
                    "op": "add",
                    "path": "/spec/containers/0/env",
                    "value": [{"name": "SIZE", "value": "3"}],
                }
            ],
        ),
        (
            {"/spec/limits/cpu": ["1"], "/spec/limits/memory": ["2Gi"]},
            [
                {"op": "add", "path": "/spec/limits", "value": {"cpu": "1"}},
                {"op": "add", "path": "/spec/limits/memory", "value": "2Gi"},
            ],
        ),
        (
            {"/metadata/labels/example.com~1team": ["shop"]},
            [{"op": "add", "path": "/metadata/labels", "value": {"example.com/team": "shop"}}],
        ),
        ({f"{API}/env/[name=POOL]": []}, [{"op": "remove", "path": "/spec/containers/1/env/0"}]),
        ({f"{API}/image": ["shop:1"]}, []),
        ({"/spec/nodeName": []}, []),
        (
            {"/spec/containers/0/image": ["p:2"]},
            [{"op": "replace", "path": "/spec/containers/0/image", "value": "p:2"}],
        ),
    ],
)  # fmt: skip
def test_what_is_written_is_the_least_there_is_to_write(
    edits: pointers.Edits, operations: list[object]
) -> None:
    assert pointers.changed(POD, edits)[1] == operations


@pytest.mark.parametrize(
    "edits",
    [
        {f"{API}/image": ["shop:2"], f"{API}/env/[name=SIZE]/value": ["3"]},
        {"/spec/containers/[name=proxy]/env/[name=SIZE]/value": ["3"]},
        {"/spec/limits/cpu": ["1"], "/spec/limits/memory": ["2Gi"]},
        {f"{API}/env/[name=POOL]/value": []},
    ],
)
def test_the_former_values_make_all_of_it_as_it_was(edits: pointers.Edits) -> None:
    made, _ = pointers.changed(POD, edits)

    assert made != POD
    assert pointers.changed(made, pointers.former(POD, edits))[0] == POD  # type: ignore[arg-type]


def test_labels_are_everybodys_so_only_ones_own_is_taken_away() -> None:
    edits: pointers.Edits = {"/metadata/labels/team": ["shop"]}
    made, _ = pointers.changed(POD, edits)
    made["metadata"]["labels"]["other"] = "theirs"

    back = pointers.changed(made, pointers.former(POD, edits))[0]  # type: ignore[arg-type]

    assert back["metadata"]["labels"] == {"other": "theirs"}


def test_one_is_not_true() -> None:
    assert pointers.changed({"spec": {"on": True}}, {"/spec/on": [1]})[1] != []


@pytest.mark.parametrize(
    "pointer",
    [
        "/spec/containers/7/image",
        "/spec/containers/web/image",
        "/spec/[name=api]/image",
        "/metadata/name/first",
    ],
)
def test_a_place_that_cannot_be_is_refused(pointer: str) -> None:
    with pytest.raises(PermanentError):
        pointers.changed(POD, {pointer: ["x"]})


def test_a_name_that_two_entries_have_is_refused() -> None:
    twice = {"env": [{"name": "POOL"}, {"name": "POOL"}]}

    with pytest.raises(PermanentError, match="which is meant"):
        pointers.changed(twice, {"/env/[name=POOL]/value": ["1"]})
