"""Ways to pay, one folder each."""
