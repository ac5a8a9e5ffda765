"""The declared shapes that the store tests use, one of each kind."""

from kartoteka.indexes import Catalog, Index

SHAPES = Catalog(
    [
        Index("things", ("kind",)),
        Index("things", ("kind", "state")),
        Index("things", ("kind",), (("n", "asc"),)),
        Index("things", ("kind",), (("n", "desc"),)),
        Index("things", order=(("n", "asc"),)),
        Index("things", order=(("n", "desc"), ("kind", "asc"))),
        Index("things", total="amount"),
        Index("things", ("kind",), total="amount"),
        Index("events", ("subject",), (("at", "asc"),)),
    ],
    logs=["events"],
)
