"""Stories of people at a browser: the real server, a real worker, Chromium, and nothing of ours in between."""
