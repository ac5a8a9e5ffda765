"""Every night: a provider that forgets an address after silent hours is told it again."""

from kartoteka.domain.errors import KartotekaError
from kartoteka.log import log
from kartoteka.wiring import App


def run(app: App) -> dict[str, int]:
    """Return how many accounts were told again; one that cannot be told is named in the log."""
    base_url = app.settings.urls.get("ingest", app.settings.base_url).rstrip("/")
    again = 0
    for account in (it for it in app.desk.settings().accounts if it.active):
        url = f"{base_url}/ingest/{account.channel}/{account.id}"
        try:
            again += app.messengers.listen(account, url)
        except KartotekaError as exc:
            kind = type(exc).__name__
            log("warning", event="listening", channel=account.channel, code=exc.code or kind)
    return {"listening_again": again}
