"""Each story is played once for all that is asked of it."""

from __future__ import annotations

import asyncio

import pytest

from tests.stories.page import STORIES
from tests.stories.stage import Told

PLAYED: dict[str, Told] = {}


@pytest.fixture
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story that a test is marked with."""
    marked = request.node.get_closest_marker("xdist_group")
    assert marked is not None
    name = marked.args[0]
    if name not in PLAYED:
        story = STORIES[name].play
        PLAYED[name] = asyncio.run(story(tmp_path_factory.mktemp(name) / "stage"))
    return PLAYED[name]
