"""The record of what was done: append-only, sealed into signed checkpoints that an outside witness keeps.

Owns plain values without foreign keys, so that it outlives what it tells of. Refuses answers, addresses and
anything else that erasing a case would have to remove.
"""
