"""How staff signs in: e-mail and password, a second factor always, passkeys, recovery codes.

Owns the pages around django-allauth. Refuses public sign-up, and the desk to whoever has no second factor.
"""
