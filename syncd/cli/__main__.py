"""`python -m syncd.cli`: the command, where its script is not on the path."""

import sys

from syncd.cli import main

sys.exit(main())
