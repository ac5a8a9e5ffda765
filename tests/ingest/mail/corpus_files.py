"""Letters with files, and with what is no file."""

from tests.ingest.mail.letters import PDF, PNG, Case, b64, head, mixed, plain, raw

FILES: list[Case] = [
    (
        "name_rfc2231",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%D0%A1%D1%87%D1%91%D1%82.pdf\nContent-Transfer-Encoding: base64\n\n{PDF}",
            )
        ),
        {"files": ("Счёт.pdf",)},
    ),
    (
        "name_rfc2231_in_pieces",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=utf-8''%D0%A1%D1%87; filename*1*=%D1%91%D1%82; filename*2=.pdf\nContent-Transfer-Encoding: base64\n\n{PDF}",
            )
        ),
        {"files": ("Счёт.pdf",)},
    ),
    (
        "name_encoded_word",
        raw(
            mixed(
                plain("x"),
                f'Content-Type: application/pdf; name="=?koi8-r?B?{b64("Счет.pdf", "koi8-r")}?="\nContent-Transfer-Encoding: base64\n\n{PDF}',
            )
        ),
        {"files": ("Счет.pdf",)},
    ),
    (
        "name_raw_8bit",
        raw(
            mixed(
                plain("x"),
                f'Content-Type: application/pdf\nContent-Disposition: attachment; filename="Счёт.pdf"\nContent-Transfer-Encoding: base64\n\n{PDF}',
            )
        ),
        {"files": ("Счёт.pdf",)},
    ),
    (
        "name_raw_cp1251",
        raw(
            mixed(
                "Content-Type: text/plain\n\nx",
                f'Content-Type: application/pdf; name="Договор аренды.pdf"\nContent-Transfer-Encoding: base64\n\n{PDF}',
            ),
            "cp1251",
        ),
        {"files": ("Договор аренды.pdf",)},
    ),
    (
        "name_with_a_path",
        raw(
            mixed(
                plain("x"),
                f'Content-Type: application/pdf; name="..\\\\..\\\\c:\\\\a/b/скан.pdf"\n\n{PDF}',
            )
        ),
        {"files": ("скан.pdf",)},
    ),
    (
        "file_without_a_name",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{PDF}",
            )
        ),
        {"files": ("file.pdf",)},
    ),
    (
        "picture_of_the_text_is_no_file",
        raw(
            mixed(
                'Content-Type: text/html\n\n<p>x</p><img src="cid:logo@x">',
                f"Content-Type: image/png; name=logo.png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n{PNG}",
                kind="multipart/related",
            )
        ),
        {"text": "x", "files": ()},
    ),
    (
        "photo_inline_is_a_file",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: image/jpeg; name=IMG_1.jpg\nContent-Disposition: inline; filename=IMG_1.jpg\nContent-Transfer-Encoding: base64\n\n{PNG}",
            )
        ),
        {"files": ("IMG_1.jpg",)},
    ),
    (
        "winmail",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{PNG}",
            )
        ),
        {"text": "x", "files": ("winmail.dat",)},
    ),
    (
        "letter_inside",
        raw(
            mixed(
                plain("смотрите"),
                "Content-Type: message/rfc822\n\nFrom: a@b.example\nSubject: inner\n\ninner text",
            )
        ),
        {"text": "смотрите", "files": ("message.eml",)},
    ),
    (
        "text_file",
        raw(
            mixed(
                plain("x"), plain("content", "Content-Disposition: attachment; filename=notes.txt")
            )
        ),
        {"text": "x", "files": ("notes.txt",)},
    ),
    (
        "only_a_file",
        raw(
            head("Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64")
            + PDF
        ),
        {"text": "", "files": ("a.pdf",)},
    ),
    (
        "invitation",
        raw(
            mixed(
                plain("Встреча"),
                "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR",
                kind="multipart/alternative",
            )
        ),
        {"text": "Встреча", "files": ("file.ics",)},
    ),
    (
        "signed",
        raw(
            mixed(
                plain("подписано"),
                f"Content-Type: application/pgp-signature; name=signature.asc\n\n{PNG}",
                kind="multipart/signed",
            )
        ),
        {"text": "подписано", "files": ()},
    ),
    *(
        (
            f"name_{name}",
            raw(
                mixed(
                    plain("x"), f"Content-Type: application/pdf\nContent-Disposition: {said}\n\ny"
                )
            ),
            {"files": ("акт 1.pdf",)},
        )
        for name, said in {
            "given_twice": "attachment; filename=\"akt.pdf\"; filename*=utf-8''%D0%B0%D0%BA%D1%82%201.pdf",
            "repeated": 'attachment; filename="акт 1.pdf"; filename="akt.pdf"',
            "without_a_semicolon": 'attachment filename="акт 1.pdf"',
            "after_a_comma": 'attachment, filename="акт 1.pdf"',
            "in_single_quotes": "attachment; filename='акт 1.pdf'",
            "escaped_as_an_address": "attachment; filename=%D0%B0%D0%BA%D1%82%201.pdf",
            "labelled_without_a_star": "attachment; filename=\"utf-8''%D0%B0%D0%BA%D1%82%201.pdf\"",
        }.items()
    ),
    (
        "percent_in_a_name_stays",
        raw(mixed(plain("x"), 'Content-Type: application/pdf; name="50%25 off.pdf"\n\ny')),
        {"files": ("50%25 off.pdf",)},
    ),
    (
        "unknown_type_is_told_by_the_name",
        raw(mixed(plain("x"), 'Content-Type: application/octet-stream; name="a.pdf"\n\ny')),
        {"files": ("a.pdf",), "types": ("application/pdf",)},
    ),
    (
        "file_inside_the_words",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Смотрите файл.\n\nbegin 644 акт.txt\n+:&5L;&\\@=V]R;&0 \n`\nend\n\nЖду."
        ),
        {"text": "Смотрите файл.\n\nЖду.", "files": ("акт.txt",), "types": ("text/plain",)},
    ),
    (
        "words_that_begin_no_file",
        raw(head() + "Plan:\n\nbegin 644 a.txt\nand that is the\nend"),
        {"files": ()},
    ),
    (
        "half_of_an_apple",
        raw(
            mixed(
                plain("x"),
                f"Content-Type: application/applefile; name=a.png\n\n{PNG}",
                f"Content-Type: image/png; name=a.png\n\n{PNG}",
            )
        ),
        {"files": ("a.png",)},
    ),
    (
        "name_in_its_place",
        raw(mixed(plain("x"), f"Content-Type: image/png\nContent-Location: a.png\n\n{PNG}")),
        {"files": ("a.png",)},
    ),
]
