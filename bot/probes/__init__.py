"""One thing that can be read per file: to detect, to check before, to verify after."""
