"""Filling in and submitting: drafts, saving and returning, and the moment a draft becomes an application.

Owns drafts and their files until submission. Refuses to know what becomes of an application afterwards:
it publishes `ApplicationSubmitted` and keeps only the reference.
"""
