"""Floors: the least that the same work can cost here, written bare, with none of Heal in it."""
