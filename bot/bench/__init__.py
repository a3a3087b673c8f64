"""The bench: what Heal can do, as ratios to bare floors that run beside it, round by round."""
