"""The append-only log, the objects it names, and what is signed over them; owns its disk.

Import each part from its module (`from trucewatch.evidence.log import Log`); this file loads
nothing, so that an auditor's checker pulls in no database.
"""
