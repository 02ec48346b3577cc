"""Programs for working on Loket; none of them is installed with it."""
