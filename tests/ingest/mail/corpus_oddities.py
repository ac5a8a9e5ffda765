"""Letters that few programs send and every office meets once: sealed, cut, hidden, invited."""

from tests.ingest.mail.letters import Case, head, mixed, plain, raw

EVENT = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nTZID:Europe/Moscow\n"
    "DTSTART:19700101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\n"
    "SUMMARY:Встреча по до\n говору\\, второй раз\n"
    "DTSTART;TZID=Europe/Moscow:20261124T103000\nLOCATION:Офис\nDESCRIPTION:Первая\\nВторая\n"
    "BEGIN:VALARM\nDESCRIPTION:Напоминание\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
)
INVITED = "Встреча по договору, второй раз\n24.11.2026 10:30 Europe/Moscow\nОфис\nПервая\nВторая"
SEALED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n=abcd\n-----END PGP MESSAGE-----\n"
SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nДобрый день.\n- -- \nМария\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"
)


def page(body: str) -> bytes:
    return raw(head("Content-Type: text/html; charset=utf-8") + body)


def sent_by(sender: str) -> bytes:
    return f"From: {sender}\nSubject: x\n\ny".encode()


ODDITIES: list[Case] = [
    (
        "invitation_alone",
        raw(head("Content-Type: text/calendar; charset=utf-8; method=REQUEST") + EVENT),
        {"text": INVITED, "files": ("file.ics",)},
    ),
    (
        "invitation_beside_an_empty_text",
        raw(
            mixed(
                plain(" "),
                f"Content-Type: text/calendar; charset=utf-8\n\n{EVENT}",
                kind="multipart/alternative",
            )
        ),
        {"text": INVITED},
    ),
    (
        "calendar_without_an_event",
        raw(head("Content-Type: text/calendar") + "BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        {"text": "", "files": ("file.ics",)},
    ),
    (
        "words_and_a_sealed_block",
        raw(head("Content-Type: text/plain; charset=utf-8") + "Ключ прежний.\n" + SEALED),
        {"text": "Ключ прежний.", "files": ("encrypted.asc",)},
    ),
    (
        "sealed_block_without_an_end",
        raw(head() + "-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n"),
        {"text": "-----BEGIN PGP MESSAGE-----\n\nhQEMA0", "files": ()},
    ),
    (
        "signed_in_clear",
        raw(head("Content-Type: text/plain; charset=utf-8") + SIGNED),
        {"whole": "Добрый день.\n-- \nМария", "files": ()},
    ),
    (
        "signed_in_clear_without_a_signature",
        raw(head() + "-----BEGIN PGP SIGNED MESSAGE-----\n\nyes\n"),
        {"text": "-----BEGIN PGP SIGNED MESSAGE-----\n\nyes"},
    ),
    ("quoted_name_of_a_box", sent_by('"ivan"@client.example'), {"from": "ivan@client.example"}),
    ("quoted_name_with_a_space", sent_by('I <"ivan petrov"@client.example>'), {"from": ""}),
    ("dot_behind_the_domain", sent_by("I <ivan@client.example.>"), {"from": "ivan@client.example"}),
    (
        "line_ends_doubled_by_a_relay",
        (head("Content-Type: text/plain; charset=utf-8") + "Первая\nВторая\n")
        .replace("\n", "\r\r\n")
        .encode(),
        {"subject": "x", "text": "Первая\nВторая"},
    ),
    (
        "first_piece_of_a_letter_in_pieces",
        raw(
            head('Content-Type: message/partial; id="a@c"; number=1; total=2')
            + "Subject: x\nContent-Type: text/plain; charset=utf-8\n\nПервая половина\n"
        ),
        {"text": "Первая половина"},
    ),
    (
        "markdown_alone",
        raw(head("Content-Type: text/markdown; charset=utf-8") + "# Да\n"),
        {"text": "# Да", "files": ()},
    ),
    (
        "table_alone",
        raw(head("Content-Type: text/csv; charset=utf-8") + "a;b\n"),
        {"text": "", "files": ("file.csv",)},
    ),
    ("word_without_its_end", b"Subject: =?utf-8?Q?=D0=94=D0=B0\n\nx", {"subject": "Да"}),
    (
        "hidden_by_height",
        page('<div style="max-height:0px;overflow:hidden">Нет</div>Да'),
        {"text": "Да"},
    ),
    ("hidden_by_visibility", page('<p style="visibility: hidden">Нет</p>Да'), {"text": "Да"}),
    ("hidden_by_opacity", page("<p style='opacity:0'>Нет</p>Да"), {"text": "Да"}),
    ("hidden_by_a_flag", page('<p class="a" hidden>Нет</p>Да'), {"text": "Да"}),
    (
        "hidden_by_the_style_of_the_page",
        page(
            "<style>.a{color:red} td.pre, .off {x:y;display:none!important}</style>"
            '<p class="off b">Нет</p><p class=pre>Нет</p>Да'
        ),
        {"text": "Да"},
    ),
    (
        "hidden_on_small_screens_only",
        page(
            "<style>@media (max-width:600px){.a{color:red} .b{display:none}}</style>"
            '<p class="b">Да</p>'
        ),
        {"text": "Да"},
    ),
    (
        "hardly_hidden",
        page(
            '<p style="overflow: hidden">Раз</p><p class="hidden">два</p><p style="opacity:0.9">три'
            '</p><table><tr><td style="font-size:0px"><p style="font-size:14px">четыре</p></table>'
        ),
        {"text": "Раз\n\nдва\n\nтри\n\nчетыре"},
    ),
]
