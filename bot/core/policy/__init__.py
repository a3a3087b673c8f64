"""Whether a plan may run: one rule per file, each with a reason, the strictest answer wins."""
