"""Money asked for and money that came: payments, receipts, refunds, bills; providers as plug-ins.

Owns that money in = receipts + refunds + what is held for a payment still open, exactly once. Refuses card
data in any form, and to know what is paid for: a payment has a subject, and whoever asked reacts to events.
"""
