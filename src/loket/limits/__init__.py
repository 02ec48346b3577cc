"""How often something may be tried: buckets in PostgreSQL for what must hold across hosts, and in memory.

Owns counters under keyed hashes. Refuses to know who or what is being counted.
"""
