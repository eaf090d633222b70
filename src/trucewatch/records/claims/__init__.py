"""Who said, signed, pledged or delivered what, by which source: the nouns of a register."""
