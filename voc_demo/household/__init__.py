"""What stands in rooms and on tables, and clutter that is of no class."""
