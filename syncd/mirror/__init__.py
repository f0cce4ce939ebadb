"""The mirror: one SQLite file that holds what the sources said, who is in which segment, and what syncd owns."""
