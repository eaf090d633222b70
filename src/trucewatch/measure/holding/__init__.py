"""Is it holding: holding, not holding, or cannot tell, at any time and as often as one looks."""
