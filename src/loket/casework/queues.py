"""Which queue a job of a case waits in."""

# Of short jobs that come with every case; whatever fails there is tried again in the other.
SWIFT = "swift"
WORKERS = "casework"
