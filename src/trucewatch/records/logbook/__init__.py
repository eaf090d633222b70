"""The mission's logbook: what people enter there, act by act, each act one signed statement.

One file per kind of record. A record begins with its opening act and is known by the entry of that
act in the log; later acts name it by that number. Which act may follow which is a table in each
file, and `records.logbook.reading` applies it. Nothing is ever changed: what was entered in error
is struck by `voided`, with the reason: a whole record, or one of its later acts.
"""
