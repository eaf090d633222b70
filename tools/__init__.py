"""What is run by hand to make files that are committed: catalogues of words, the ground of maps."""
