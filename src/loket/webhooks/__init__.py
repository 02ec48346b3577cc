"""Telling other systems what happened: endpoints of agencies, signed deliveries, tries until they arrive.

Owns who is told of which events, the secrets they are signed with, every delivery and what was answered.
Knows neither cases nor services: what happened comes from above as plain facts, without answers.
"""
