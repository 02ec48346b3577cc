"""The key store: the one table of wrapped data keys, in a database with a back-up life of its own.

Refuses foreign keys and anything but keys. Only `loket.privacy` imports it.
"""
