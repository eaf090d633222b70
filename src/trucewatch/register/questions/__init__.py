"""Where claims exclude each other: one rule per file, each yields pairs of claims."""
