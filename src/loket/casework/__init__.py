"""Cases from submission to decision: stages, timeline, deadlines, what officers do and applicants see.

Refuses to perform effects inside a transition, to send anything that can still be undone, and to show
an answer without recording who looked.
"""
