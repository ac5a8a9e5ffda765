"""`/api/a/{signed}`: a judge reads what is asked of them, and answers; a look changes nothing.

Programs open every address of a letter, so only a post answers. The address proves itself; what
its person may read and do the policy decides at each opening.
"""

from collections.abc import Iterator
from urllib.parse import parse_qs

from markupsafe import Markup

from api.paper_page import HEADERS
from kartoteka.domain.errors import Conflict, KartotekaError, NotFound, Rejected
from kartoteka.domain.notice_rules import JUDGED
from kartoteka.http import Call, Reply, html_reply
from kartoteka.i18n import text
from kartoteka.services.approval_opening import Question, answer, look
from kartoteka.services.office import read_office
from kartoteka.wiring import App

_HEADERS = {
    **HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
}
_STYLE = Markup(
    "body{font:17px/1.5 system-ui,sans-serif;max-width:32em;margin:2em auto;padding:0 1em;"
    "color:#202124;overflow-wrap:anywhere}h1{font-size:1.3em}label,textarea{display:block;"
    "width:100%;box-sizing:border-box}textarea{font:inherit;margin:.3em 0 1em;padding:.4em}"
    "button{font:inherit;min-height:48px;padding:.4em 1.4em;margin:0 .6em .6em 0}"
    "small{color:#5f6b7a}.wrong{color:#a50e0e}"
)
_PAGE = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body><h1>{title}</h1>{body}</body></html>"
)
_FORM = Markup(
    '<form method="post"><button name="answer" value="yes">{yes}</button>'
    '<label>{why}<textarea name="reason" rows="2" maxlength="1000">{said}</textarea></label>'
    '<button name="answer" value="no">{no}</button></form><p><small>{who}</small></p>'
)
_MOST_FIELDS = 10


def approval_page(call: Call, app: App, token: str) -> Reply:
    """Return the question with its two buttons, how it was decided, or why there is none.

    Raises:
        Transient: the store does not answer; the same answer may be given again.
    """
    try:
        question = look(app.desk, token)
        if call.method == "POST":
            return _answered(call, app, token, question)
        return _page(question)
    except NotFound:
        return _closed(read_office(app.store).locale)


def _answered(call: Call, app: App, token: str, question: Question) -> Reply:
    """Return the page after the answer; one that is refused says why, above what was typed."""
    given = _fields(call)
    said = given.get("reason", "")
    wanted = given.get("answer", "")
    if wanted not in {"yes", "no"}:
        return _page(question, said=said, status=422)
    try:
        answer(app.desk, question, yes=wanted == "yes", reason=said if wanted == "no" else "")
    except (Rejected, Conflict) as refused:
        return _page(look(app.desk, token), refused, said)
    return _page(look(app.desk, token))


def _fields(call: Call) -> dict[str, str]:
    try:
        found = parse_qs(call.body.decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def _page(
    question: Question,
    refused: KartotekaError | None = None,
    said: str = "",
    status: int = 200,
) -> Reply:
    lang = question.settings.office.locale
    body = Markup().join(_parts(question, refused, said, lang))
    facts = {"approval": question.approval, "person": question.judge.id}
    title = JUDGED if question.waits else "approval_page_title"
    reply = _drawn(title, body, lang, refused.status if refused is not None else status)
    return Reply(reply.status, reply.body, reply.headers, facts)


def _parts(
    question: Question, refused: KartotekaError | None, said: str, lang: str
) -> Iterator[Markup]:
    if refused is not None:
        wrong = text(refused.code, lang, **refused.facts) if refused.code else str(refused)
        yield Markup('<p class="wrong">{0}</p>').format(wrong)
    for line in question.lines:
        yield Markup("<p>{0}</p>").format(line)
    if question.waits:
        yield _FORM.format(
            yes=text("press_approve", lang),
            no=text("press_decline", lang),
            why=text("approval_why_not", lang),
            who=text("approval_answering", lang, name=question.judge.name),
            said=said,
        )
        return
    how = text(f"approval_page_{question.state}", lang, name=question.decided_by)
    yield Markup("<p><strong>{0}</strong></p>").format(how)


def _closed(lang: str) -> Reply:
    """Return the page of an address at which there is nothing to answer."""
    body = Markup("<p>{0}</p>").format(text("approval_link_over", lang))
    return _drawn("approval_page_title", body, lang, 404)


def _drawn(code: str, body: Markup, lang: str, status: int) -> Reply:
    title = text(code, lang)
    page = _PAGE.format(lang=lang, title=title, style=_STYLE, body=body)
    return html_reply(page, status, {**_HEADERS, "content-language": lang})
