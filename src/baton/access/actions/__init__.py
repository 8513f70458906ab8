"""The verbs of access, one file for each thing they change."""
