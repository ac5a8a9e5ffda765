"""An office that speaks another language gets its tabs anew, after a last look in the old one.

What people typed before is read by the names that stood there then, and becomes commands. What
is no command yet, and their own columns, goes along into the new tabs (`sync.keepsakes`).
"""

from dataclasses import replace

from kartoteka.domain.errors import ConfigError, NotFound
from sync.flush import Done, Flush
from sync.made_with import language, print_of, speaking


def last_look(flush: Flush) -> Done | None:
    """Return how the look in the language before ended, None when there is none to take.

    Whatever waits for its author then is asked for in a later one: the tabs stay till then. A book
    that has to be made anew for another reason too is not looked at.

    Raises:
        RateLimited, ProviderDown: the queue repeats; nothing is done twice.
    """
    memory, tabs = flush.memory, flush.edition.tabs
    spoken = {language(memory.columns.get(tab.key, "")) for tab in tabs}
    if len(spoken) != 1 or spoken == {flush.frame.locale} or not memory.spreadsheet_id:
        return None
    before = speaking(flush.frame, spoken.pop())
    if any(memory.columns.get(tab.key) != print_of(tab, before) for tab in tabs):
        return None
    try:
        return replace(flush, frame=before, rosters={}, loose={}).run("")
    except (NotFound, ConfigError):  # a tab or the file is gone: it is made anew all the same
        return None
