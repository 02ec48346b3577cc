"""The same without TLS, for a witness on one's own network: checkpoints are signed and not secret."""

from loket.audit.witnesses.https import witness

__all__ = ["witness"]
