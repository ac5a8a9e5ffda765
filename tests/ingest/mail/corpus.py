"""Difficult letters, written by us after what real programs send, and what each one says.

A case is (name, raw letter, what is expected of the `Letter`): `from`, `name`, `subject`, `text`
(own words), `whole`, `files` (names), `types`, `nature`, `id`, `refs`, `to`, `reports`,
`statuses`, `finals`, `about`.
"""

from tests.ingest.mail.corpus_bodies import BODIES
from tests.ingest.mail.corpus_bounces import BOUNCES
from tests.ingest.mail.corpus_charsets import CHARSETS
from tests.ingest.mail.corpus_dialects import DIALECTS
from tests.ingest.mail.corpus_files import FILES
from tests.ingest.mail.corpus_headers import HEADERS
from tests.ingest.mail.corpus_natures import NATURES
from tests.ingest.mail.corpus_oddities import ODDITIES
from tests.ingest.mail.corpus_programs import PROGRAMS
from tests.ingest.mail.corpus_quotes import QUOTES

CASES = [
    *CHARSETS,
    *HEADERS,
    *BODIES,
    *FILES,
    *QUOTES,
    *NATURES,
    *BOUNCES,
    *DIALECTS,
    *PROGRAMS,
    *ODDITIES,
]
