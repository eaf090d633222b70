"""What the parties agreed: parties, definitions, zones and rules, read from one YAML file.

Import each noun from its module (`from trucewatch.agreement.zone import Zone`) and read a file with
`trucewatch.agreement.parse.parse`. Nothing here loads a numerical library, so that an auditor's
checker may use it.
"""
