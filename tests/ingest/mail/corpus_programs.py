"""Letters as programs of people write them: what a person sees there, we say too."""

from tests.ingest.mail.letters import Case, b64, head, mixed, plain, raw

_ALTERNATIVE = "multipart/alternative"


def page(html: str) -> bytes:
    return raw(head("Content-Type: text/html; charset=utf-8") + html)


def from_header(value: str) -> bytes:
    return raw(f"From: {value}\nSubject: x\n\nпривет")


PROGRAMS: list[Case] = [
    (
        "name_with_letters_taken_apart",
        raw(mixed(plain("x"), 'Content-Type: image/png; name="Фото и\u0306.png"\n\nx')),
        {"files": ("Фото й.png",)},
    ),
    (
        "subject_encoded_twice",
        raw(
            f"Subject: =?utf-8?B?{b64('=?utf-8?B?' + b64('Заявка', 'utf-8') + '?=', 'utf-8')}?=\n\n"
        ),
        {"subject": "Заявка"},
    ),
    (
        "two_types_of_one_letter",
        raw(
            mixed(plain("привет")).replace(
                "\nContent-Type", "\nContent-Type: text/plain\nContent-Type", 1
            )
        ),
        {"text": "привет"},
    ),
    (
        "soft_break_with_blanks",
        (
            b"Content-Type: text/plain; charset=utf-8\n"
            b"Content-Transfer-Encoding: Quoted-Printable (x)\n\n=D0=94=D0=B0= \n!"
        ),
        {"text": "Да!"},
    ),
    (
        "all_parts_encoded_at_once",
        raw(
            head('Content-Type: multipart/mixed; boundary="B"', "Content-Transfer-Encoding: base64")
            + b64(f"--B\n{plain('привет')}\n--B--\n", "utf-8")
        ),
        {"text": "привет"},
    ),
    (
        "letter_in_a_letter_in_a_letter",
        raw(
            mixed(
                "Content-Type: message/rfc822\n\n"
                + mixed("Content-Type: message/rfc822\n\n" + head() + "нутро").replace("B", "I")
            )
        ),
        {"text": "нутро", "files": ("message.eml",)},
    ),
    (
        "letter_inside_encoded",
        raw(
            mixed(
                "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
                + b64(head() + "нутро", "utf-8")
            )
        ),
        {"text": "нутро"},
    ),
    (
        "invitation_twice",
        raw(
            mixed(
                'Content-Type: multipart/alternative; boundary="A"\n\n--A\n'
                + plain("Встреча")
                + "\n--A\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--A--\n",
                "Content-Type: application/ics; name=invite.ics\n\nBEGIN:VCALENDAR",
            )
        ),
        {"text": "Встреча", "files": ("invite.ics",)},
    ),
    (
        "versions_for_watches_and_moving_pages",
        raw(
            mixed(
                plain("Да"),
                "Content-Type: text/x-amp-html\n\n<html amp4email></html>",
                "Content-Type: text/watch-html\n\n<b>Да</b>",
                kind=_ALTERNATIVE,
            )
        ),
        {"text": "Да", "files": ()},
    ),
    (
        "plain_version_that_is_a_picture",
        raw(
            mixed(
                plain("[cid:image001.png@01DC5C00]"),
                "Content-Type: text/html; charset=utf-8\n\n<p>Нужен счёт</p>",
                kind=_ALTERNATIVE,
            )
        ),
        {"text": "Нужен счёт"},
    ),
    (
        "place_of_a_picture_is_no_word",
        raw(head() + "Нужен счёт\n\n[cid:image001.png@01DC5C00]"),
        {"text": "Нужен счёт"},
    ),
    (
        "letter_that_is_a_scan",
        raw(
            mixed(
                'Content-Type: text/html\n\n<img src="cid:i1">',
                "Content-Type: image/png; name=scan.png\nContent-ID: <i1>\n\nx",
                kind="multipart/related",
            )
        ),
        {"text": "", "files": ("scan.png",)},
    ),
    (
        "enriched",
        raw(head("Content-Type: text/enriched; charset=utf-8") + "<bold>Да</bold>, согласен"),
        {"text": "Да, согласен", "files": ()},
    ),
    (
        "encrypted",
        raw(
            mixed(
                "Content-Type: application/pgp-encrypted\n\nVersion: 1",
                "Content-Type: application/octet-stream; name=encrypted.asc\n\nx",
                kind="multipart/encrypted",
            )
        ),
        {"files": ("encrypted.asc",)},
    ),
    (
        "html_rows_are_lines",
        page(
            "<table><tr><th>Товар</th><th>Штук</th></tr>\n<tr><td>Стол</td><td>2</td></tr></table>"
        ),
        {"text": "Товар Штук\nСтол 2"},
    ),
    (
        "html_lines_of_yandex",
        page("<div>Добрый день</div><div>Нужен юрист</div><div><br /></div><div>Иван</div>"),
        {"text": "Добрый день\nНужен юрист\n\nИван"},
    ),
    (
        "html_kept_lines",
        page("<pre>раз\nдва</pre><p>три\nчетыре</p>"),
        {"text": "раз\nдва\n\nтри четыре"},
    ),
    (
        "html_places_for_a_hyphen",
        page("<p>При&#8203;вет&shy;ствую</p>"),
        {"text": "Приветствую"},
    ),
    (
        "html_link_without_its_place",
        page('<p>Документы <a href="https://disk.example/d/a?b=1&amp;c=2">здесь</a>.</p>'),
        {"text": "Документы здесь (https://disk.example/d/a?b=1&c=2)."},
    ),
    (
        "html_link_that_shows_its_place",
        page('<p>Сайт <a href="https://www.romashka.example/">romashka.example</a></p>'),
        {"text": "Сайт romashka.example"},
    ),
    (
        "html_link_of_a_phone",
        page(
            '<p>Да</p><p>Отправлено из <a href="https://trk.example/c/kruxy7?a=1">Почты Mail</a></p>'
        ),
        {"text": "Да"},
    ),
    (
        "firm_in_its_quotes",
        from_header(r'"ООО \"Ромашка\"" <r@client.example>'),
        {"name": 'ООО "Ромашка"', "from": "r@client.example"},
    ),
    (
        "firm_in_quotes_nobody_escaped",
        from_header('"ООО "Ромашка"" <r@client.example>'),
        {"name": 'ООО "Ромашка"', "from": "r@client.example"},
    ),
    (
        "sender_encoded_with_the_brackets",
        from_header(f"=?utf-8?B?{b64('Мария <m@client.example>', 'utf-8')}?="),
        {"name": "Мария", "from": "m@client.example"},
    ),
    (
        "ru_the_bat_with_initials",
        raw(
            head()
            + "Здравствуйте.\n\nВы писали 22 ноября 2026 г., 9:12:12:\n\nАС> Какая площадь?\n\n50 метров"
        ),
        {"text": "Здравствуйте.\n\n50 метров"},
    ),
]
