"""The outsider's checker: whether a bundle or a log still says what was sealed.

Bytes in, findings out; it needs no numerical library and no database. Import each part from its
module (`from trucewatch.verify.bundle import verify_bundle`); this file loads nothing.
"""
