"""Scores of results against ground truth: pure numbers, no files, no pictures.

Imports core and numpy; scipy only inside functions.
"""
