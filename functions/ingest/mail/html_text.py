"""HTML mail as plain text; nothing of the HTML itself ever goes on.

A scanner that never looks back: its time grows with the length of the page whatever is in it,
which the parsers at hand do not promise (html.parser needs a minute for 100 kB of `<a`). It knows
which tags break lines, what is not shown, and which parts of a letter quote an earlier one.
"""

import re
from dataclasses import dataclass, field
from html import unescape

from ingest.mail.quoting import introduces

LONGEST = 2_000_000  # characters of HTML that are read
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})([^<>\"']*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^<>\"']++)*+)>"
)
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_UNSEEN = ("script", "style", "title", "template", "noframes", "iframe", "xmp", "textarea")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_LINES = frozenset(["div", "li", "tr", "dd", "dt", "center", "section", "address"])  # no gap
_BREAKS = {**dict.fromkeys(_BLOCKS, "\n"), "br": "\n", "td": " ", "th": " "}
_QUOTES = (
    *("gmail_quote", "gmail_extra", "gmail_signature", "yahoo_quoted", "moz-cite-prefix"),
    *("moz-signature", "mailru-quoted", "mail-quote", "mail-app-auto", "js-compose-signature"),
    *("data-signature", "applemailsignature", "mobile-signature", "protonmail_quote"),
    *("zmail_extra", "mail-editor-reference-message", "composewebview_previous"),
)
_CITED = ("cite", "border-left", "quote")  # a blockquote without them may be an indentation
# What stands in front of an earlier letter: all that follows is that letter.
_BEFORE_OLD = ("divrplyfwdmsg", "appendonsend", "outlookmessageheader", "replyforwardmessage")
_BEFORE_OLD_LINE = re.compile(r"border-top\s*:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|small|big|o:p)>", re.IGNORECASE)
_START = re.compile(r"<(?=[a-zA-Z/!?])")
_LAST_PARTS, _LONGEST_LINE = 12, 500  # of what was said last
_LONGEST_ATTRIBUTES = 2_000  # of one tag, looked at for the marks of quotes
_HIDES = (
    r"display\s{0,9}:\s{0,9}none|mso-hide\s{0,9}:\s{0,9}all|visibility\s{0,9}:\s{0,9}hidden"
    r"|(?:max-height|opacity)\s{0,9}:\s{0,9}0(?:px|pt|em|%)?\s{0,9}(?:[;!}\"']|$)"
)
_HIDDEN = re.compile(_HIDES, re.IGNORECASE)
_VALUES = re.compile(r"""=\s{0,3}(?:"[^"]{0,2000}"|'[^']{0,2000}'|[^\s"'>]{1,200})""")
_HIDDEN_FLAG = re.compile(r"(?<![\w-])hidden(?![\w-])", re.IGNORECASE)
_STYLE = re.compile(r"<style[^>]{0,200}>([^<]{1,60000})", re.IGNORECASE)
_SCREENS = re.compile(r"@media[^{}]{0,300}\{(?:[^{}]{0,500}\{[^{}]{0,2000}\}){0,300}[^{}]{0,300}\}")
_HIDING_RULE = re.compile(
    rf"(?:\A|}})([^{{}}]{{1,300}}+)\{{[^{{}}]{{0,1000}}?(?:{_HIDES})", re.IGNORECASE
)
_CLASS = re.compile(r"(?:^|,)\s{0,20}(?:[a-z]{1,10})?\.([\w-]{1,60})\s{0,20}(?=,|$)", re.IGNORECASE)
_CLASSES = re.compile(
    r"""\bclass\s{0,3}=\s{0,3}(?:"([^"]{1,500})"|'([^']{1,500})'|([\w-]{1,100}))"""
)
_MOST_STYLES = 20
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_SPACES = re.compile(r" {2,}")
_UNSEEN_SIGNS = re.compile("[\u00ad\u034f\u200b\u2060\ufeff]")  # where a word may be broken
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_HREF = re.compile(
    r"""\bhref\s{0,3}=\s{0,3}["']?\s{0,3}(https?://[^"'\s<>]{1,300})""", re.IGNORECASE
)
_SHOWS_PLACE = re.compile(r"https?://|www\.|@|\w\.\w{2,}(?:/|$)", re.IGNORECASE)
_CID = re.compile(r"""["'(]\s*cid:([^"')<>\s]{1,300})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: everything, and without what it quotes or signs."""

    whole: str
    own: str


@dataclass(slots=True)
class _Writer:
    """Collects text; `skip` holds the tag that closes a part that is left out, and how deep."""

    hides: bool = True
    unseen: frozenset[str] = frozenset()  # classes that the page's own style hides
    parts: list[str] = field(default_factory=list)
    skipped: str = ""
    depth: int = 0
    spoken: bool = False
    ended: bool = False
    kept: int = 0  # how many open tags keep the lines as they are written
    fresh: bool = True  # whether nothing was said in this line
    link: tuple[str, int] = ("", 0)  # where the open link leads, and from which part on it speaks

    def text(self, said: str) -> None:
        if self.skipped or self.ended:
            return
        if self.kept:
            self.parts.append(said.replace("\r\n", "\n"))
            self.fresh = said.endswith("\n")
        else:
            self.parts.append(_SPACE.sub(" ", said))
            self.fresh = self.fresh and said.isspace()
        self.spoken = self.spoken or not said.isspace()

    def broken(self, name: str) -> None:
        """Begin a new line as a reader would see it: a line of its own needs no gap around it."""
        if name in _LINES and self.fresh:
            return
        sign = _BREAKS[name]
        self.parts.append(sign)
        self.fresh = self.fresh or sign == "\n"

    def opened(self, name: str, *, leave_out: bool) -> None:
        if self.skipped:
            self.depth += name == self.skipped
        elif leave_out and name not in _VOID:
            self.skipped, self.depth = name, 1
        elif name in _BREAKS:
            self.broken(name)
            self.kept += name == "pre"

    def closed(self, name: str) -> None:
        if not self.skipped:
            if name in _BREAKS:
                self.broken(name)
                self.kept = max(0, self.kept - (name == "pre"))
        elif name == self.skipped:
            self.depth -= 1
            if not self.depth:
                self.skipped = ""
                self.parts.append("\n")
                self.fresh = True

    def linked(self, url: str) -> None:
        self.link = (url, len(self.parts))

    def unlinked(self) -> None:
        """Say where a link leads when its own words do not."""
        url, start = self.link
        self.link = ("", 0)
        said = "".join(self.parts[start:]).strip() if url and not self.skipped else ""
        if said and not self.ended and not _SHOWS_PLACE.search(said):
            self.parts.append(f" ({url})")

    def last_line(self) -> str:
        said = "".join(self.parts[-_LAST_PARTS:])[-_LONGEST_LINE:]
        return said.rstrip().rpartition("\n")[2].strip()

    def result(self) -> str:
        said = _UNSEEN_SIGNS.sub("", "".join(self.parts))
        lines = (_SPACES.sub(" ", line).strip(" ") for line in said.split("\n"))
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


@dataclass(slots=True)
class _Ends:
    """Remembers what the rest of the page lacks, so that nobody looks for it twice."""

    page: str
    missing: set[str] = field(default_factory=set)

    def of(self, mark: str, start: int) -> int:
        """Return where the mark begins, -1 when it does not come any more."""
        if mark in self.missing:
            return -1
        found = self.page.find(mark, start)
        if found < 0:
            self.missing.add(mark)
        return found


def page_text(html: str) -> Page:
    """Return the text of a page; broken HTML gives what a reader would see of it, roughly.

    A page that hides everything is one that forgot to end what it hides: all of it is shown.
    """
    html = _INLINE.sub("", html[:LONGEST])
    page = _told(html, hides=True)
    return page if page.whole or not _HIDDEN.search(html) else _told(html, hides=False)


def _told(html: str, *, hides: bool) -> Page:
    unseen = _unseen_classes(html) if hides else frozenset[str]()
    whole, own = _Writer(hides, unseen), _Writer(hides, unseen)
    lowered = _Ends(html.lower() if len(html.lower()) == len(html) else html)
    ends = _Ends(html)
    at, last = 0, html.rfind(">")
    while (found := _START.search(html, at)) and (start := found.start()) < last:
        _say(html[at:start], whole, own)
        at = _past(html, start, (ends, lowered), (whole, own))
    _say(html[at:].partition("<!--")[0], whole, own)
    return Page(whole.result(), own.result())


def _unseen_classes(html: str) -> frozenset[str]:
    """Return the classes that a page hides on every screen."""
    found: set[str] = set()
    for style in _STYLE.findall(html)[:_MOST_STYLES]:
        for rule in _HIDING_RULE.findall(_SCREENS.sub("", style)):
            found.update(_CLASS.findall(rule))
    return frozenset(found)


def _is_hidden(attributes: str, writer: _Writer) -> bool:
    """Return whether a reader would see nothing of a part with these attributes."""
    if not writer.hides or not attributes:
        return False
    if _HIDDEN.search(attributes) or _has_flag(attributes):
        return True
    named = _CLASSES.search(attributes) if writer.unseen else None
    return named is not None and not writer.unseen.isdisjoint("".join(named.groups("")).split())


def _has_flag(attributes: str) -> bool:
    """Return whether the attribute `hidden` stands there, and not only the word in a style."""
    if not _HIDDEN_FLAG.search(attributes):
        return False
    return bool(_HIDDEN_FLAG.search(_VALUES.sub("", attributes)))


def embedded(html: str) -> frozenset[str]:
    """Return the Content-IDs of the pictures that a page shows inside its text."""
    return frozenset(name.lower() for name in _CID.findall(html[:LONGEST]))


def _say(raw: str, whole: _Writer, own: _Writer) -> None:
    if raw:
        said = unescape(raw)
        whole.text(said)
        own.text(said)


def _past(
    html: str, start: int, ends: tuple[_Ends, _Ends], writers: tuple[_Writer, _Writer]
) -> int:
    """Take in what begins at this `<`; return where reading goes on."""
    match = _TAG.match(html, start)
    if match is None:
        return _past_odd(html, start, ends[0], writers)
    closing, name, attributes = match.groups()
    name = name.lower()
    if closing or name not in _UNSEEN:
        _tell(name, attributes[:_LONGEST_ATTRIBUTES], writers, closing=bool(closing))
        return match.end()
    end = ends[1].of(f"</{name}", match.end())
    return match.end() if end < 0 else _simple_end(ends[0], end)


def _past_odd(html: str, start: int, ends: _Ends, writers: tuple[_Writer, _Writer]) -> int:
    """Take in what is no tag, or one with odd quotes."""
    if html.startswith("<!--", start):
        end = ends.of("-->", start + 4)
        return end + 3 if end >= 0 else _simple_end(ends, start)
    named = _NAME.match(html, start)
    if named is not None:
        _tell(named[1].lower(), "", writers, closing=html[start + 1] == "/")
    return _simple_end(ends, start)


def _simple_end(ends: _Ends, start: int) -> int:
    end = ends.of(">", start)
    return end + 1 if end >= 0 else len(ends.page)


def _tell(name: str, attributes: str, writers: tuple[_Writer, _Writer], *, closing: bool) -> None:
    whole, own = writers
    if name == "a":
        _link(attributes, writers, closing=closing)
    if closing:
        whole.closed(name)
        own.closed(name)
        return
    if not attributes and name != "blockquote":
        whole.opened(name, leave_out=False)
        own.opened(name, leave_out=False)
        return
    hidden = _is_hidden(attributes, whole)
    lowered = attributes.lower()
    old = _has(lowered, _BEFORE_OLD)
    own.ended = own.ended or (own.spoken and (old or bool(_BEFORE_OLD_LINE.search(lowered))))
    quoting = old or _has(lowered, _QUOTES) or (name == "blockquote" and _quotes(lowered, own))
    whole.opened(name, leave_out=hidden)
    own.opened(name, leave_out=hidden or quoting)


def _link(attributes: str, writers: tuple[_Writer, _Writer], *, closing: bool) -> None:
    """Take in where a link begins or ends; one that nobody ended says nothing of its place."""
    found = None if closing else _HREF.search(attributes)
    for writer in writers:
        if closing:
            writer.unlinked()
        else:
            writer.linked(unescape(found[1]) if found else "")


def _quotes(attributes: str, own: _Writer) -> bool:
    """Return whether a blockquote quotes; what is merely indented is the person's own."""
    return _has(attributes, _CITED) or not own.spoken or introduces(own.last_line())


def _has(attributes: str, marks: tuple[str, ...]) -> bool:
    return bool(attributes) and any(mark in attributes for mark in marks)
