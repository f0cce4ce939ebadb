"""Segments as the simulated store has them: saved ones, and who is in one.

The reading of queries is the sandbox's own, from the published reference and docs/segments.md, over the world itself:
it shares nothing with syncd's, so that a comparison of both proves something.
"""
