"""Called by the queue (drains, timers) and the scheduler (tick, promote); answers JSON."""

from automation import duplicates, engine, nightly, timers
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, endpoint, json_reply
from kartoteka.services.office import Desk
from kartoteka.wiring import app


@endpoint
def automation(call: Call) -> Reply:
    """Do one internal task and say what was done."""
    app().check_internal(call.bearer())
    return json_reply(_do(call, app().desk))


def _do(call: Call, desk: Desk) -> dict[str, object]:
    match call.path:
        case ("task", "drain"):
            return {"handled": engine.run(desk).handled}
        case ("task", "timer"):
            return {"outcome": timers.fire(desk, str(call.json().get("timer", "")))}
        case ("tick",):
            return dict(engine.tick(desk))
        case ("promote",):
            return {"promoted": timers.promote(desk)}
        case ("nightly",):
            return {**nightly.run(desk), **duplicates.run(desk)}
    raise NotFound(f"there is no task at {'/'.join(call.path)}")
