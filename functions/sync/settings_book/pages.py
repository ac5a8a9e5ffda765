"""All tabs of the settings, in the order in which the book shows them."""

from collections.abc import Mapping

from sync.settings_book.asking import Page
from sync.settings_book.calendar_days import HOLIDAYS
from sync.settings_book.cards import CARDS
from sync.settings_book.exchanges import EXCHANGES
from sync.settings_book.failures import FAILURES
from sync.settings_book.form_pages import MAPPING, QUESTIONS
from sync.settings_book.house import HOUSE, TEAMS, TEMPLATES
from sync.settings_book.intake import ACCOUNTS, FORMS, SOURCES
from sync.settings_book.papers import PAPERS
from sync.settings_book.people import PLANS, SHIFTS, STAFF
from sync.settings_book.pipelines import FIELDS, REASONS, STAGES
from sync.settings_book.roles import ROLES
from sync.settings_book.routing import ROUTING
from sync.settings_book.rules import RULES
from sync.settings_book.segments import SEGMENTS
from sync.settings_book.selling import CROSS_SELL

PAGES: Mapping[str, Page] = {
    page.code: page
    for page in (
        *(STAGES, FIELDS, ROUTING, RULES, STAFF, SHIFTS, HOLIDAYS),
        *(SOURCES, REASONS, PLANS, FORMS, ACCOUNTS),
        SEGMENTS,
        *(QUESTIONS, MAPPING, EXCHANGES),
        *(TEMPLATES, HOUSE, TEAMS, ROLES),
        CROSS_SELL,
        CARDS,
        PAPERS,
        FAILURES,
    )
}
