"""How often a caller came within the minute, as far as one process sees."""

from collections import OrderedDict, defaultdict

from kartoteka.domain.errors import TooMany

_MINUTE_S = 60
_MOST_CALLERS = 10_000

_Seen = OrderedDict[str, tuple[int, int]]  # minute and number of calls, by caller


class Visits:
    """Calls of the minute, each kind counted apart; those who came long ago are forgotten."""

    def __init__(self) -> None:
        self._kinds: defaultdict[str, _Seen] = defaultdict(OrderedDict)

    def count(self, kind: str, caller: str, most: int, seconds: float) -> None:
        """Count one call.

        Two threads may count two calls as one: the limit is soft.

        Args:
            kind: what is asked; also the code of the refusal, up to a colon.
            caller: who asks: an address, a visitor, a key.
            most: calls a minute.
            seconds: the time, since 1970.

        Raises:
            TooMany: it is over the limit.
        """
        seen, minute = self._kinds[kind], int(seconds // _MINUTE_S)
        begun, number = seen.pop(caller, (minute, 0))
        number = number + 1 if begun == minute else 1
        seen[caller] = (minute, number)
        while len(seen) > _MOST_CALLERS:
            seen.popitem(last=False)
        if number > most:
            raise TooMany(f"over {most} calls a minute", code=kind.partition(":")[0])
