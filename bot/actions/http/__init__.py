"""What may be done by a typed HTTP request."""
