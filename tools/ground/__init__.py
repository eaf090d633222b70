"""Makes the ground that ships with the maps: the real one, and the fictional one of exercises."""
