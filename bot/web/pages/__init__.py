"""Our pages for people in a browser: who may see them, what they show, and how it is written."""
