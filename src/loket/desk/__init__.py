"""What staff sees: worklists, cases with their actions, notices of other agencies, who looked at what.

No rules of its own: views parse, call one action or a few queries, and render.
"""
