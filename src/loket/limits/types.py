"""What limits tell of a bucket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """What taking one came to. `full_in` seconds all of `limit` is there again, `wait` seconds one is."""

    allowed: bool
    limit: int
    left: int
    full_in: int
    wait: int
