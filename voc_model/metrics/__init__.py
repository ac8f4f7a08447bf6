"""What a ranking is worth: metrics, curves and figures. Never imports torch."""
