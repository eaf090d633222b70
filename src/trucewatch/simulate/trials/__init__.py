"""Seeded trials for scoring fusion: reports as fusion may see them, and the truth apart from them.

Unlike a world, a trial writes no files: it goes straight into the stage that is scored.
"""
