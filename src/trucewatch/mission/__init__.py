"""The composition root: clock, configuration, writer, and one file for each verb."""
