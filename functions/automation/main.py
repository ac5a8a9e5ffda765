"""Called by the queue (drains, timers) and the scheduler (tick, nights); answers JSON."""

from automation import backups, calls, duplicates, engine, listening, nightly, planning
from kartoteka.domain.errors import NotFound
from kartoteka.http import Call, Reply, endpoint, json_reply
from kartoteka.wiring import App, app


@endpoint
def automation(call: Call) -> Reply:
    """Do one internal task and say what was done."""
    app().check_internal(call.bearer())
    return json_reply(_do(call, app()))


def _do(call: Call, app: App) -> dict[str, object]:
    match call.path:
        case ("task", "drain"):
            return {"handled": engine.run(app.desk).handled}
        case ("task", what):
            return {"outcome": calls.do(app, what, call.json())}
        case ("tick",):
            return dict(engine.tick(app.desk))
        case ("backup",):
            return backups.run(app)
        case ("promote",):
            return {"promoted": planning.promote(app.desk)}
        case ("nightly",):
            return {**nightly.run(app.desk), **duplicates.run(app.desk), **listening.run(app)}
    raise NotFound(f"there is no task at {'/'.join(call.path)}")
