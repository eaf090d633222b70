"""Rates corrected for what could have been seen, each with its interval."""
