"""Curves, plots and the strip, drawn as inline SVG."""
