"""Geometry on WGS 84: the local plane, the outline of a zone, the chance of being inside it."""
