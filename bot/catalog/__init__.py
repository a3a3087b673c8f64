"""Runbooks and policy from disk: strict, with line numbers, and never half of a reload."""
