"""`python -m semantify_blender VERB …`, the same as the `semantify` command."""

import sys

from .cli.start import main

sys.exit(main())
