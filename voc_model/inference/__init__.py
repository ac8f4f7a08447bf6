"""Images -> features and scores, on one device or on many."""
