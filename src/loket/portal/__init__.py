"""Everything a citizen sees: finding a service, applying, coming back, following a case.

No rules of its own: views parse, call one action or a few queries, and render.
"""
