"""The JSON and CSV API, with its OpenAPI document and guide."""
