"""Back-ups: the main database and the files in one place, the keys in another and for a shorter time.

Restoring gives old data and *current* keys: what was erased after a back-up was made stays erased.
Refuses to mix the two places, to overwrite anything, and to call whole what is not.
"""
