"""Triggers that keep counts which a plan needs each time: of a label's pairs, and of whom it leaves out and why.

Whoever writes or erases a row keeps them right. They say `ON CONFLICT DO UPDATE`, which the conflict clause of whatever
statement fires them does not overrule.
"""

from __future__ import annotations

_HELD = """CREATE TRIGGER ledger_insert_counts AFTER INSERT ON ledger BEGIN
    INSERT INTO holdings (target, label_key, people) VALUES (new.target, new.label_key, 1)
    ON CONFLICT (target, label_key) DO UPDATE SET people = people + 1; END"""
_LET_GO = """CREATE TRIGGER ledger_delete_counts AFTER DELETE ON ledger BEGIN
    UPDATE holdings SET people = people - 1 WHERE target = old.target AND label_key = old.label_key; END"""
_LEFT = """CREATE TRIGGER left_out_insert_counts AFTER INSERT ON left_out BEGIN
    UPDATE left_out_counts SET people = people + 1 WHERE id = new.reason; END"""
_TAKEN_IN = """CREATE TRIGGER left_out_delete_counts AFTER DELETE ON left_out BEGIN
    UPDATE left_out_counts SET people = people - 1 WHERE id = old.reason; END"""
_FOR_ANOTHER_REASON = """CREATE TRIGGER left_out_update_counts AFTER UPDATE OF reason ON left_out BEGIN
    UPDATE left_out_counts SET people = people - 1 WHERE id = old.reason;
    UPDATE left_out_counts SET people = people + 1 WHERE id = new.reason; END"""

TRIGGERS = (_HELD, _LET_GO, _LEFT, _TAKEN_IN, _FOR_ANOTHER_REASON)
"""The statements that make them."""
