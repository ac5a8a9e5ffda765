"""Letters with difficult headers: encoded, folded, missing, odd."""

import base64

from tests.ingest.mail.letters import Case, b64, raw

HEADERS: list[Case] = [
    (
        "encoded_subject_koi8",
        raw(f"From: m@client.example\nSubject: =?koi8-r?B?{b64('Вопрос', 'koi8-r')}?=\n\nx"),
        {"subject": "Вопрос"},
    ),
    (
        "encoded_in_two_words",
        raw(
            f"Subject: =?utf-8?B?{b64('Вопрос ', 'utf-8')}?=\n =?utf-8?B?{b64('о цене', 'utf-8')}?=\n\nx"
        ),
        {"subject": "Вопрос о цене"},
    ),
    (
        "letter_cut_between_words",
        b"Subject: =?utf-8?B?0JLQvtC/0YDQvtE=?= =?utf-8?B?gQ==?=\n\nx",
        {"subject": "Вопрос"},
    ),
    (
        "q_with_underscores",
        b"Subject: =?utf-8?q?=D0=92=D0=BE=D0=BF=D1=80=D0=BE=D1=81_=E2=84=96_7?=\n\nx",
        {"subject": "Вопрос № 7"},
    ),
    (
        "raw_8bit_subject",
        b"Subject: " + "Вопрос о договоре".encode("cp1251") + b"\n\nx",
        {"subject": "Вопрос о договоре"},
    ),
    ("raw_utf8_subject", "Subject: Вопрос\n\nx".encode(), {"subject": "Вопрос"}),
    ("language_in_word", b"Subject: =?utf-8*ru?B?0JTQsA==?=\n\nx", {"subject": "Да"}),
    ("broken_base64_word", b"Subject: =?utf-8?B?0JTQsA=?=\n\nx", {"subject": "Да"}),
    (
        "not_quite_a_word",
        b"Subject: =?utf-8?X?abc?= =?oops\n\nx",
        {"subject": "=?utf-8?X?abc?= =?oops"},
    ),
    (
        "name_with_comma",
        'From: "Орлова, Мария" <m@client.example>\n\nx'.encode(),
        {"name": "Орлова, Мария", "from": "m@client.example"},
    ),
    (
        "name_encoded_in_quotes",
        f'From: "=?windows-1251?B?{b64("Мария", "cp1251")}?=" <m@client.example>\n\nx'.encode(),
        {"name": "Мария"},
    ),
    ("address_only", b"From: M@Client.Example\n\nx", {"from": "m@client.example", "name": ""}),
    (
        "address_with_comment",
        b"From: m@client.example (Maria Orlova)\n\nx",
        {"from": "m@client.example", "name": "Maria Orlova"},
    ),
    ("name_is_the_address", b'From: "m@client.example" <m@client.example>\n\nx', {"name": ""}),
    (
        "no_space_before_bracket",
        b"From: Maria<m@client.example>\n\nx",
        {"name": "Maria", "from": "m@client.example"},
    ),
    ("two_authors", b"From: a@x.example, b@y.example\n\nx", {"from": "a@x.example"}),
    (
        "no_from_but_reply_to",
        b"Reply-To: m@client.example\nSubject: x\n\ny",
        {"from": "m@client.example"},
    ),
    ("from_without_address", b"From: Somebody\nSubject: x\n\ny", {"from": "", "name": "Somebody"}),
    ("cyrillic_domain", "From: Мария <maria@почта.рф>\n\nx".encode(), {"from": "maria@почта.рф"}),
    (
        "folded_references",
        b"Message-ID:\n <1@c.example>\nReferences: <a@x>\n\t<b@x>\n  <c@x>\nIn-Reply-To: Your message <c@x>\n\nx",
        {"id": "1@c.example", "refs": ("a@x", "b@x", "c@x")},
    ),
    ("id_without_brackets", b"Message-ID: 1@c.example\n\nx", {"id": "1@c.example"}),
    (
        "mbox_separator_in_front",
        b"From m@client.example Mon Nov 23 11:40:05 2026\nFrom: m@client.example\nSubject: x\n\ny",
        {"from": "m@client.example", "text": "y"},
    ),
    (
        "only_carriage_returns",
        b"From: m@client.example\rSubject: x\r\rtext",
        {"subject": "x", "text": "text"},
    ),
    ("no_headers_at_all", b"just words", {"text": "just words", "from": ""}),
    ("no_blank_line", b"From: m@client.example\nSubject: x", {"subject": "x", "text": ""}),
    (
        "junk_among_headers",
        b"From: m@client.example\nthis is no header\nSubject: x\n\ny",
        {"subject": "x", "text": "y"},
    ),
    (
        "space_before_colon",
        b"From : m@client.example\nSubject : x\n\ny",
        {"from": "m@client.example", "subject": "x"},
    ),
    ("nothing", b"", {"text": "", "from": ""}),
    (
        "plus_and_delivered_to",
        b"From: m@client.example\nTo: o@x.example\nDelivered-To: o+tag@x.example\n\ny",
        {"to": ("o@x.example", "o+tag@x.example")},
    ),
    (
        "no_line_between",
        b"From: m@client.example\nSubject: x\nJust words\nand more",
        {"subject": "x", "text": "Just words\nand more"},
    ),
    (
        "words_before_a_bare_address",
        raw(f"From: =?koi8-r?B?{b64('Мария', 'koi8-r')}?= m@client.example\nSubject: x\n\ny"),
        {"name": "Мария", "from": "m@client.example"},
    ),
    (
        "family_name_before_a_comma",
        raw("From: Орлова, Мария <m@client.example>\nSubject: x\n\ny"),
        {"name": "Орлова, Мария", "from": "m@client.example"},
    ),
    (
        "comments_inside_an_address",
        raw("From: Maria(the client (old)) <m(home)@client.example(net)>\nSubject: x\n\ny"),
        {"name": "Maria", "from": "m@client.example"},
    ),
    (
        "address_in_a_comment_is_none",
        raw("From: Maria (not <other@x.example>) <m@client.example>\nSubject: x\n\ny"),
        {"name": "Maria", "from": "m@client.example"},
    ),
    (
        "each_comment_names_its_own_address",
        raw("From: m@client.example (Maria)\nTo: a@o.example, b@o.example (B)\nSubject: x\n\ny"),
        {"name": "Maria", "to": ("a@o.example", "b@o.example")},
    ),
    (
        "scheme_and_route_before_an_address",
        raw("From: <mailto:m@client.example>\nTo: <@a.example,@b.example:c@o.example>\n\ny"),
        {"from": "m@client.example", "to": ("c@o.example",)},
    ),
    (
        "group_with_a_name",
        raw("From: m@client.example\nTo: Staff: Anna <a@o.example>, b@o.example;\n\ny"),
        {"to": ("a@o.example", "b@o.example")},
    ),
    (
        "references_in_two_headers_and_folded_inside",
        raw("From: m@client.example\nReferences: <a@x>\nReferences: <b.\n b@x>, <c@x>\n\ny"),
        {"refs": ("a@x", "b.b@x", "c@x")},
    ),
    (
        "word_folded_inside_a_letter",
        raw("From: m@client.example\nSubject: =?utf-8?Q?=D0=94=D\n 0=B0?=\n\ny"),
        {"subject": "Да"},
    ),
    (
        "utf8_word_with_a_damaged_letter",
        b"Subject: =?utf-8?B?"
        + base64.b64encode("адрес".encode()[:-1])
        + b"?= =?utf-8?Q?.pdf?=\n\nx",
        {"subject": "адре\ufffd.pdf"},
    ),
]
