"""The report of a run: one file that opens anywhere."""
