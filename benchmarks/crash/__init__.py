"""Kills every process of an installation under load, again and again, and reconciles with what people were told.

Run: make prove-crash, or python -m benchmarks.crash --kills 100 --seed 1 --report docs/proof/crash-2026-11-22.md

    people.py, stories.py   people at browsers, who note what was acknowledged to them (book.py)
    killing.py              who is killed when, how it comes back, and how long that took
    reckoning/              the installation held against the people's own log, afterwards
    planting.py             faults put in on purpose, which the reckoning must find
    trials/                 disk full, clocks that jump, slow and cut database, too many connections
"""
