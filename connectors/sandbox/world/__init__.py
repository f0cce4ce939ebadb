"""The truth behind a simulated shop: its records, how they are made from a seed, and how they change.

Knows nothing of GraphQL or HTTP. Records are mutable on purpose (a world changes) and untracked by the garbage
collector (they never refer back), so that a million lines fit and cost no pauses.
"""
