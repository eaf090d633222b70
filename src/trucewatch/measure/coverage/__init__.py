"""Coverage: what could have been seen where and when, what could not, and why not."""
