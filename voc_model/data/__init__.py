"""A data set on disk: its images, classes, labels and boxes. Never imports torch."""
