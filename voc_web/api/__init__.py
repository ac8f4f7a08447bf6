"""What the pages show, as JSON and CSV for scripts, with the OpenAPI document that describes it."""
