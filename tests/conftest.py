"""For all tests."""

import signal

# A shell starts what runs in the background with Ctrl-C ignored, and processes inherit that: the
# servers that tests start would never end by it.
signal.signal(signal.SIGINT, signal.default_int_handler)
