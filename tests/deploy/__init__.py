"""What operators are given: units, container files, alerts and the reference."""
