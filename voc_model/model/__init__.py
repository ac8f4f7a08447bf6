"""A network and all that defines it: settings, architecture, preprocessing, checkpoint."""
