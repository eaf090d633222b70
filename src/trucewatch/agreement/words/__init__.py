"""An agreement in the words of a lawyer: one module per part of the page."""
