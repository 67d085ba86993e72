"""`python -m regionmap`: the command line."""

import sys

from regionmap.cli import main

sys.exit(main())
