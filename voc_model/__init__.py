"""What a multi-label classifier has learnt: data, training, scores, rankings and their metrics.

Never imports Flask. The part that the web side uses (see tests/test_architecture.py) never imports
torch either.
"""

import os

# Set here because torch reads them when it loads its thread pool. By default, waiting threads
# busy-wait: if other programs use the cores, that makes small operations on two threads up to
# thirty times slower. Spinning for about ten microseconds costs nothing in that case, and saves a
# tenth of a training step on idle cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
