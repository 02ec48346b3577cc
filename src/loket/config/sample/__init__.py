"""Tumaini, the made-up county: offices, staff and requests, for the demo, development and tests."""
