"""What can be read over HTTP."""
