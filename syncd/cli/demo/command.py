"""x"""

from syncd.cli.session import Session


def demo(session: Session) -> int:
    """Show the whole job."""
    return 0
