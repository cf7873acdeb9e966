"""Measures of a network in training, and the series that carry them."""
