"""Files of the user's: reading images, naming and writing outputs whole or not at all, where things are kept.

Imports core; tifffile and other readers only inside functions.
"""
