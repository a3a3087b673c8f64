"""What things are: values and rules, pure. Time, ids and randomness come in as arguments."""
