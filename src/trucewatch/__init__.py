"""Ceasefire monitoring and verification: from the bytes a sensor sent to a checkable bulletin."""

__version__ = "0.1.0"
