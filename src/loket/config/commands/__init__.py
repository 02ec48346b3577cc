"""The code of the `loket` commands; each module is loaded when its command is called."""
