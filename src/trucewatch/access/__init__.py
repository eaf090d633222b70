"""Who may see and do what, and why: one table, and nothing else decides."""
