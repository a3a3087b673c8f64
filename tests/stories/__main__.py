"""Writes docs/stories.md and its pictures: `python -m tests.stories`; it needs Chromium."""

from __future__ import annotations

from tests.stories import page

if __name__ == "__main__":
    page.write()
