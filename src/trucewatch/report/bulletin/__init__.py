"""The parts of the daily bulletin: numbers, wording, map, and the two ways of setting it."""
