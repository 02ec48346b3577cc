"""More people than the machine can serve: who goes on, who waits, in which order, and what they are told."""
