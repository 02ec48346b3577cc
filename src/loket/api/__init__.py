"""What machines call: for now, payment providers that tell what became of a payment.

Owns addresses and the shape of answers. Refuses to know what a call-back says: its provider's plug-in does.
"""
