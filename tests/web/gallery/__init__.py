"""Every part of the look on a few pages, for eyes and for measuring; served by tests only."""
