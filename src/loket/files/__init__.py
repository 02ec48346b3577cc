"""Uploaded files: looked at, made harmless, encrypted and kept.

Owns the stored files and their blobs on disk. Refuses what is not the type it claims to be, holds no keys
(callers pass the owner's), and knows owners only as a kind and an id.
"""
