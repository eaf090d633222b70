"""Maps as SVG, made on the server: one way for pages, fragments, print and pictures."""
