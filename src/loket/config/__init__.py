"""The composition root: settings, addresses, the embedded database and the `loket` command.

Sees everything; nothing sees it. Refuses rules of any kind.
"""
