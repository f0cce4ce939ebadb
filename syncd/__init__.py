"""syncd: segments of one TOML file, kept true in the store's tags and the mailing list's audiences.

The daemon itself. It names no vendor: services are reached through `syncd.ports`, and the packages that speak to
them are found by entry point. `docs/architecture.md` shows the rooms and which way they look.
"""

__version__ = "0.1.0"
