"""Measures Lictor beside the reference, in one run on one machine."""
