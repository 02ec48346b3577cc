"""Official documents: set as PDF/UA, signed, looked up and verified.

Owns the register of certificates and the signing keys. Refuses to know cases: it is given plain facts and
gives bytes; whoever asks keeps them.
"""
