"""Simulated microscopy with known truth, for the demo and for tests. Imports core; scipy inside functions."""

from __future__ import annotations

from pybridge.samples.nuclei import simulate_nuclei

__all__ = ["simulate_nuclei"]
