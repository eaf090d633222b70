"""What can be thrown away and rebuilt: the archive of observations and the desk of projections."""
