"""How many processor cores there are to use."""

import os


def usable_cores() -> int:
    """Returns how many processor cores this process may use: its share, where a job has several."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    # torchrun's word for how many processes it has started on this machine.
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
