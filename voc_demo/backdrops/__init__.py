"""Places in which the things of a scene stand: outdoors and indoors."""
