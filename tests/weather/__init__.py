"""What happens when the machines below us fail: a sentence, nothing lost, and back by itself."""
