"""Bulk operations: exports written by compiled serialisers, and mutations run over a file of variables."""
