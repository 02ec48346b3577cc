"""What is personal here (registered with privacy)."""
