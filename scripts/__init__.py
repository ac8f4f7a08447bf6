"""Command lines, and the two modules they share."""
