"""What is owed to the people whom data is about: keys, the record of looks, copies, erasure, retention.

Owns the data keys (in their own database), the access records and the registry of personal holdings. Refuses
to know what a case is: subjects are ids, and every context brings its own holding.
"""
