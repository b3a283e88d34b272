"""One declaration per command; parsing and checking of parameters.

Everything that a door needs to know of a command's parameters is derived from here. Imports core; the rooms
below only inside functions, where a command runs.
"""
