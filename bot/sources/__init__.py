"""One alert format per file: pure, so that its test is a payload and an expectation."""
