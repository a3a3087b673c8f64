"""What can be read from a host."""
