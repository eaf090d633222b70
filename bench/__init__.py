"""Benches: each file measures one thing beside its peer."""
