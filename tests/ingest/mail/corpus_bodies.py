"""Letters with difficult bodies: encodings, versions, structures, HTML."""

import quopri

from tests.ingest.mail.letters import PDF, RU, Case, b64, head, mixed, plain, raw

BODIES: list[Case] = [
    (
        "quoted_printable",
        head(
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"
        ).encode()
        + quopri.encodestring(RU.encode()),
        {"text": RU},
    ),
    (
        "quoted_printable_broken",
        raw(head("Content-Transfer-Encoding: Quoted-Printable") + "a=3Db =ZZ c=\nd"),
        {"text": "a=b =ZZ cd"},
    ),
    (
        "base64_with_junk",
        raw(
            head("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
            + b64(RU, "utf-8")[:20]
            + "\n!!\n"
            + b64(RU, "utf-8")[20:]
        ),
        {"text": RU},
    ),
    (
        "base64_without_padding",
        raw(head("Content-Transfer-Encoding: base64") + b64("Привет!", "utf-8").rstrip("=")),
        {"text": "Привет!"},
    ),
    ("encoding_nobody_knows", raw(head("Content-Transfer-Encoding: 8 bit") + RU), {"text": RU}),
    (
        "uuencode",
        raw(head("Content-Transfer-Encoding: x-uuencode") + "begin 644 x\n%:&5L;&\\\n`\nend\n"),
        {"text": "hello"},
    ),
    (
        "alternative_prefers_plain",
        raw(
            mixed(
                plain("просто"),
                "Content-Type: text/html\n\n<b>HTML</b>",
                kind="multipart/alternative",
            )
        ),
        {"text": "просто", "files": ()},
    ),
    (
        "alternative_with_empty_plain",
        raw(
            mixed(
                plain("  "),
                "Content-Type: text/html; charset=utf-8\n\n<p>Из HTML</p>",
                kind="multipart/alternative",
            )
        ),
        {"text": "Из HTML"},
    ),
    (
        "only_html",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + "<html><head><style>p{}</style></head><body><p>Один<br>два &amp; три</p><script>x()</script></body></html>"
        ),
        {"text": "Один\nдва & три"},
    ),
    (
        "html_nobody_closed",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + "<p>Да<p>Нет <b>точно <i>нет<table><tr><td>1<td>2"
        ),
        {"text": "Да\nНет точно нет\n1 2"},
    ),
    (
        "html_with_odd_quotes",
        raw(head("Content-Type: text/html") + "<a href=\"x'>link</a> <p title='a > b'>text</p>"),
        {"text": "link\ntext"},
    ),
    (
        "html_hidden_preheader",
        raw(head("Content-Type: text/html") + '<div style="display:none">teaser</div><p>text</p>'),
        {"text": "text", "whole": "text"},
    ),
    (
        "html_comment_and_conditional",
        raw(
            head("Content-Type: text/html")
            + "<!--[if mso]><p>office</p><![endif]--><p>text</p><!-- unclosed"
        ),
        {"text": "text"},
    ),
    (
        "html_is_only_signs",
        raw(head("Content-Type: text/html") + "1 < 2 && 3 > 2"),
        {"text": "1 < 2 && 3 > 2"},
    ),
    (
        "mixed_text_file_text",
        raw(
            mixed(
                plain("раз"),
                f"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n{PDF}",
                plain("два"),
            )
        ),
        {"text": "раз\n\nдва", "files": ("a.pdf",)},
    ),
    ("closing_boundary_missing", raw(mixed(plain("раз")).replace("--B--\n", "")), {"text": "раз"}),
    (
        "boundary_never_comes",
        raw(head('Content-Type: multipart/mixed; boundary="X"') + "text"),
        {"text": "text"},
    ),
    (
        "multipart_without_boundary",
        raw(head("Content-Type: multipart/mixed") + "text"),
        {"text": "text"},
    ),
    (
        "boundary_inside_boundary",
        raw(
            mixed(
                "Content-Type: multipart/alternative; boundary=BB\n\n--BB\n"
                + plain("да")
                + "\n--BB--"
            )
        ),
        {"text": "да"},
    ),
    (
        "text_around_the_parts",
        raw(mixed(plain("да")).replace("--B\n", "preamble\n--B\n", 1) + "epilogue"),
        {"text": "да"},
    ),
    (
        "flowed",
        raw(
            head("Content-Type: text/plain; charset=utf-8; format=flowed")
            + "Это одна \nстрока.\n А это другая."
        ),
        {"text": "Это одна строка.\nА это другая."},
    ),
    (
        "flowed_delsp",
        raw(head("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes") + "сло \nво"),
        {"text": "слово"},
    ),
    ("type_that_is_none", raw(head("Content-Type: text") + "да"), {"text": "да"}),
    ("type_is_garbage", raw(head("Content-Type: ;;;=") + "да"), {"text": "да"}),
    ("control_signs", raw(head("Content-Type: text/plain") + "a\x00b\x07c"), {"text": "abc"}),
    (
        "parts_without_empty_lines",
        raw(mixed("Content-Type: text/plain; charset=utf-8\nда\n")),
        {"text": "да"},
    ),
    (
        "only_a_letter_inside",
        raw(head("Content-Type: message/rfc822") + "From: a@b.example\nSubject: y\n\ninner text"),
        {"text": "inner text", "files": ("message.eml",)},
    ),
    (
        "boundary_of_an_inner_letter_is_that_of_the_outer",
        raw(
            head('Content-Type: multipart/mixed; boundary="B"')
            + '--B\nContent-Type: multipart/alternative; boundary="B"\n\n'
            + f"--B\n{plain('да')}\n--B--\n\n"
            + "--B\nContent-Type: application/pdf; name=a.pdf\n\nx\n--B--\n"
        ),
        {"text": "да", "files": ("a.pdf",)},
    ),
    *(
        (
            f"boundary_{name}",
            raw(head(f"Content-Type: multipart/mixed{said}") + f"--B\n{plain('да')}\n--B--\n"),
            {"text": "да"},
        )
        for name, said in {"not_told": "", "told_wrong": '; boundary="=_C"'}.items()
    ),
    (
        "charset_after_a_space",
        head("Content-Type: text/plain charset=koi8-r").encode() + "Да, приду".encode("koi8-r"),
        {"text": "Да, приду"},
    ),
    (
        "charset_in_the_page_alone",
        head("Content-Type: text/html").encode()
        + '<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"></head>合同问题'.encode(
            "gb2312"
        ),
        {"text": "合同问题"},
    ),
    (
        "base64_that_is_words",
        raw(
            head("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
            + "Это просто слова, перезвоните."
        ),
        {"text": "Это просто слова, перезвоните."},
    ),
    (
        "base64_in_two_pieces",
        raw(
            head("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
            + f"{b64('Да, ', 'utf-8')}\n{b64('приду', 'utf-8')}"
        ),
        {"text": "Да, приду"},
    ),
    (
        "base64_with_words_underneath",
        raw(
            head("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
            + f"{b64('Да, приду!', 'utf-8')}\n\n-- \nchecked by a scanner"
        ),
        {"text": "Да, приду!"},
    ),
    (
        "page_that_is_called_plain",
        raw(head("Content-Type: text/plain") + "<html><body><p>Да<br>приду</p></body></html>"),
        {"text": "Да\nприду"},
    ),
    (
        "plain_version_that_only_advises",
        raw(
            mixed(
                plain("Your program does not support HTML."),
                "Content-Type: text/html; charset=utf-8\n\n<p>Да</p>",
                kind="multipart/alternative",
            )
        ),
        {"text": "Да"},
    ),
    (
        "parts_without_a_type_of_the_letter",
        raw(f"From: m@client.example\nSubject: x\n\n--B\n{plain('да')}\n--B--\n"),
        {"text": "да"},
    ),
    (
        "type_with_comments_and_spaces",
        raw(
            head("Content-Type: text (words) / html (a page); charset=utf-8 (as usual)")
            + "<p>Да</p>"
        ),
        {"text": "Да"},
    ),
    (
        "page_that_hides_everything",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + '<td style="display:none"><td>Да, приду.'
        ),
        {"text": "Да, приду."},
    ),
]
