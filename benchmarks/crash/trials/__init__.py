"""Bad weather, each with what is expected of it."""
