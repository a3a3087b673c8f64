"""What policy would say, or would have said: asked of the engine's own rules, touching nothing."""
