"""Holds an installation that has come to rest against what people noted. Needs Django started."""
