"""From observations to incidents: which reports speak of one happening, and how sure that is.

`fuse.incidents.fuse` is the whole stage. It is blind to parties: nothing here knows whose ground
a place is. Import each name from its module; this file loads nothing.
"""
