"""The pages, and their CSV files."""
