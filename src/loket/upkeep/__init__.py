"""When the system itself is being looked after: a window in which everything can be read and nothing written.

Owns the one window there is. Refuses to know what is read or written.
"""
