"""The long proofs, run by `make prove`; their short versions run with all other tests."""
