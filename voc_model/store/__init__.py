"""What is kept of a run: scores, their rankings, and the files beside them. Never imports torch."""
