"""The server, who may read from it, and what all its responses share."""
