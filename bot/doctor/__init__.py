"""The doctor: what could go wrong tonight, each check by itself, each finding with its remedy."""
