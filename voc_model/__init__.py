"""What a multi-label classifier has learnt: data, training, scores, rankings and their metrics.

Never imports Flask. The part that the web side uses (see tests/test_architecture.py) never imports
torch either.
"""

import os

# Read when torch loads its thread pool, hence here. By default waiting threads spin: where the
# machine's cores are busy with anything else, decoding workers included, that makes each small
# operation on two threads up to thirty times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
