"""When a rate changed, how long truces last, and how fast the mechanism is."""
