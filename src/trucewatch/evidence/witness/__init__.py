"""Witnesses: outsiders who sign a log's head only while it grows from what they signed before.

`cosignature` says what a witness signs, `policy` whose signatures count, `request` how a log asks.
`keeper` decides and remembers, `server` and `client` carry it over HTTP. Nothing is loaded here.

Source: C2SP tlog-cosignature, tlog-witness and tlog-policy (https://c2sp.org).
"""
