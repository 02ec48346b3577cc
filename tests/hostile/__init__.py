"""What nobody should send, and what happens then: never a fault, never another person's data."""
