"""What can be read of a cluster."""
