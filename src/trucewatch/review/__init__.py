"""What people make of an incident: who may have done it, and on which basis.

Nothing here decides. Software adds up what analysts put in and shows what follows from it.
"""
