"""The number of processor cores to use."""

import os


def usable_cores() -> int:
    """Returns how many processor cores this process may use, at least 1.

    Processes that torchrun started on the same machine share the cores evenly.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))  # Set by torchrun.
