"""What goes wrong in the sandbox because somebody asked for it.

`plan` has the shape in which it is asked for and the list of kinds, `falling` decides call by call, `spoiling` makes
the answer that a fault leaves. Faults of a place that is no call (a file, a bulk operation, a page, a member, the world
itself) are carried out by whoever has charge of that place.
"""
