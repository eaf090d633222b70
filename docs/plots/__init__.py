"""The plots of the pages, drawn by `python -m docs.generate` from seeded simulations."""
