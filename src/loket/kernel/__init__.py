"""What every floor may use: ids, references, money, texts, the clock, calendars, registries, events.

Owns no tables and knows no audience. Refuses anything that belongs to one context.
"""
