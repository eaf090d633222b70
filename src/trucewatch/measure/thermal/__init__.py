"""What burns on ordinary days, and what does not: satellite fire pixels by cell and day."""
