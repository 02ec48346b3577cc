"""Messages to people, by e-mail and SMS: kept sealed, sent in the background, tried again until they arrive.

Owns the messages and the registry of channels. Refuses to know what a message says or why: callers bring
rendered text, and subjects are a kind and an id.
"""
