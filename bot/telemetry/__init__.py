"""What operators see of the process itself: logs without secrets."""
