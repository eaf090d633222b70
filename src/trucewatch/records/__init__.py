"""The nouns: frozen records and table schemas that pass between the stages.

Import each from its module (`from trucewatch.records.level import Level`); this file loads nothing,
so that an auditor's checker never pulls in a numerical library.
"""
