"""How each element of an agreement file is read: its keys, what each holds, what must agree.

One table per element serves the parser and the published schema alike.
"""
