"""Command lines: options -> one call into voc_model."""
