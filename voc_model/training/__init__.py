"""Fine-tuning: from a data set and settings to a checkpoint."""
