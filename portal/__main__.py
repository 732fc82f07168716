"""`python -m portal`: the collector rests while everything is loaded, for none of it is garbage; a fifth of a start."""

import gc

gc.disable()

from portal.serve import main  # noqa: E402

main()
