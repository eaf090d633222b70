"""Arrivals -> sources: which picks of a network of stations belong together, and from where.

A pick says that a wave of one phase passed one station at one time. Nobody says which picks share
a source, and most may be clutter. `find.find` is the way in.
"""
