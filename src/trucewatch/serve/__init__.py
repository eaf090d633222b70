"""Pages, the HTTP API and live changes: what a mission shows in a browser.

One file per page in `pages`, one per resource in `api`; each has `ROUTES`, found by file name.
"""
