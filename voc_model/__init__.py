"""What a multi-label classifier has learnt: data, training, scores, rankings and their metrics.

Never imports Flask. The part that the web side uses (see tests/test_architecture.py) never imports
torch either.
"""

import os

# Read when torch loads its thread pool, hence here. By default waiting threads spin on: where the
# machine's cores are busy with anything else, that makes each small operation on two threads up to
# thirty times slower. Some ten microseconds of it cost nothing then and save a tenth of a training
# step where the cores are free.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
