"""The import of clients as rows of the table."""

from pathlib import Path
from typing import Any, cast

from bench.import_bench import ROWS, measure
from bench.report import Row, at_least, at_most, told

_ROWS_PER_S, _GROWTH_MIB, _FLAT_MIB = 2_800, 150, 50


def imports(_folder: Path) -> list[Row]:
    """Measure an import of 100,000 mixed clients, and how memory differs from a tenth of it."""
    few, many = (cast("dict[str, Any]", measure(rows)) for rows in (ROWS // 10, ROWS))
    growth = many["memory_growth_mib"]
    return [
        told(f"rows a second, {few['rows']:,} rows", few["rows_per_second"], "/s"),
        at_least(
            f"rows a second, {many['rows']:,} rows", many["rows_per_second"], _ROWS_PER_S, "/s"
        ),
        told("rows a second of the processor", many["rows_per_cpu_second"], "/s"),
        at_most("memory growth", growth, _GROWTH_MIB, "MiB"),
        at_most("more than with a tenth", growth - few["memory_growth_mib"], _FLAT_MIB, "MiB"),
    ]
