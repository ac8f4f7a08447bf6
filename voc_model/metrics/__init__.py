"""Metrics, curves and figures of a score table. Never imports torch."""
