"""Stories of people at a browser: the real server, a real worker and Chromium."""
