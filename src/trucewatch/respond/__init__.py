"""The response to a determination: clocks, who was asked for what, and what nobody has promised."""
