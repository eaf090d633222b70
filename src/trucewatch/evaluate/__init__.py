"""Scores of what the stages make of a world whose truth is known."""
