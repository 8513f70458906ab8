"""Use cases that cross modules, one file each, read top to bottom."""
