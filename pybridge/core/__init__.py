"""The vocabulary that every room shares: Image, axes, results, run record, errors, progress.

Imports numpy and the standard library, and no other room.
"""
