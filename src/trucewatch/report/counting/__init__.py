"""The release table for everybody: as a spreadsheet, on a map, and counted by every named rule.

Each module here is a function of the table's bytes alone, in plain Python, so that whoever has the
table can do the same.
"""
