"""What may hold the press, by name. Imports nothing, for the press's own sake."""

from enum import StrEnum


class Lock(StrEnum):
    """What holds the press, besides its limits: no network, no files, no sockets and programs."""

    NAMESPACE = "namespace"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
