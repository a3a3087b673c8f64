"""What can be read from Prometheus."""
