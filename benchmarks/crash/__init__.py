"""Kills every process of an installation under load, and reconciles with what people were told.

Run: make prove-crash, or python -m benchmarks.crash --kills 100 --seed 1 --trials all --proof

    people.py, stories.py   people at browsers, who note what was acknowledged to them (book.py)
    killing.py              who is killed when, how it comes back, and how long that took
    reckoning/              the installation held against the people's own log, afterwards
    planting.py             faults put in on purpose, which the reckoning must find
    trials/                 disk full, clocks that jump, slow and cut database, too many connections
"""
