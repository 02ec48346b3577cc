"""The wire between a server and its database, which a test can cut: the one of the crash proof."""

from benchmarks.relay import Relay

__all__ = ["Relay"]
