"""Time stamps of outside authorities (RFC 3161) over the log's checkpoints.

A token shows that a checkpoint, and so every entry under it, existed at a time that somebody else
wrote down. It never shows that an entry did not exist earlier.
"""
