"""What may be done to a Redis server."""
