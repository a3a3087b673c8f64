"""The HTTP doors: routes whose work is done by what app.py passes in."""
