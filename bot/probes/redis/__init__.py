"""What can be read from a Redis server."""
