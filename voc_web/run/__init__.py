"""What the served run says about classes and images, for pages and API."""
