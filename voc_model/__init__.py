"""What a multi-label classifier has learnt: data, training, scores, rankings and their metrics.

Never imports Flask. The part that the web side uses (see tests/test_architecture.py) never imports
torch either.
"""
