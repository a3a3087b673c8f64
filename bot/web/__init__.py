"""The HTTP doors: routes whose work is done by what app passes in."""
