"""What the linter asks, one module for each part of an agreement; `agreement.lint` runs them all.

Import each from its module. A question needs no judgement: it is asked of every text alike.
"""
