"""What may be done to a host."""
