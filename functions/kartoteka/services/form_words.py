"""What a form told besides the message, in words: people of the office read it in the history."""

from kartoteka.domain.inbound import Inbound
from kartoteka.domain.office import Settings

_OURS = frozenset({"consent", "filled_in_s"})  # noted about the act, not answered by the visitor
_LONGEST = 500  # characters of one answer
_MOST = 4_000  # of all answers together; the whole of them stays with the event and the request


def with_answers(inbound: Inbound, settings: Settings) -> str:
    """Return the message of a form and, below it, each further answer with its question.

    Questions of the office's own form are called by their labels, others as the site calls them.
    """
    labels = _labels(inbound, settings)
    told = {name: it for name, it in inbound.fields.items() if name not in _OURS and it.strip()}
    lines = (f"{_asked(labels.get(name, name))} {_short(answer)}" for name, answer in told.items())
    answers = "\n".join(lines)
    if len(answers) > _MOST:
        answers = answers[:_MOST] + "…"
    return "\n".join(filter(None, (inbound.text, answers)))


def _labels(inbound: Inbound, settings: Settings) -> dict[str, str]:
    own = next((it for it in settings.forms if it.id == inbound.account), None)
    if own is None or inbound.channel != "form":
        return {}
    return {item.id: item.label for item in own.fields}


def _asked(question: str) -> str:
    return question if question.endswith(("?", "!", ":")) else f"{question}:"


def _short(answer: str) -> str:
    return answer if len(answer) <= _LONGEST else answer[:_LONGEST] + "…"
