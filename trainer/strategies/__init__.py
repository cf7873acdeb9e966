"""Balancing strategies, one file each; the file name is the name users type."""
