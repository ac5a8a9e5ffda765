"""The memory of this process."""

import re
import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
_KIB_PER_MIB = 1024


def peak_mib() -> float:
    """Return the most memory this process has held so far, in MiB.

    Linux's own resource usage starts a child with its parent's peak, which would hide growth;
    where there is no /proc the resource usage has to do.
    """
    found = _PEAK.search(_STATUS.read_text()) if _STATUS.exists() else None
    held = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / _KIB_PER_MIB
