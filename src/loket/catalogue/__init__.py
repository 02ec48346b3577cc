"""Agencies' services: reading their packs, proving what can be proved, versions, finding them.

Owns services and their immutable versions. Knows no person and no case; refuses to publish what lint
finds errors in.
"""
