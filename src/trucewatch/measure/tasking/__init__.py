"""Which look would tell most under a budget: patrols, flights and images, with reasons."""
