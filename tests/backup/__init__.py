"""Back-ups and what comes back from them."""
