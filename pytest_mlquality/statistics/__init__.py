"""Estimates with one-sided confidence bounds that hold at any level, or say that they do not."""
