"""Letters whose character set is not what it says, or unusual."""

from tests.ingest.mail.letters import RU, Case, head, labelled, raw

CAPITALS = "СРОЧНО! ДОГОВОР АРЕНДЫ"
FEW = "Привет. Call me at 5 pm please, my number is 555."
WESTERN = "Übermäßige Größe, à bientôt"

CHARSETS: list[Case] = [
    ("koi8r", labelled("koi8-r", "koi8-r"), {"text": RU}),
    ("cp1251", labelled("windows-1251", "cp1251"), {"text": RU}),
    ("cp1251_odd_label", labelled('"Windows-1251"', "cp1251"), {"text": RU}),
    ("cp_1251_label", labelled("cp-1251", "cp1251"), {"text": RU}),
    ("cp866", labelled("ibm866", "cp866"), {"text": RU}),
    ("iso8859_5", labelled("iso-8859-5", "iso8859-5"), {"text": RU}),
    ("mac_cyrillic", labelled("x-mac-cyrillic", "mac-cyrillic"), {"text": RU}),
    ("utf8_says_latin1", labelled("iso-8859-1", "utf-8"), {"text": RU}),
    ("utf8_says_cp1251", labelled("windows-1251", "utf-8"), {"text": RU}),
    ("utf8_says_koi8", labelled("koi8-r", "utf-8"), {"text": RU}),
    ("utf8_says_ascii", labelled("us-ascii", "utf-8"), {"text": RU}),
    ("cp1251_says_latin1", labelled("iso-8859-1", "cp1251"), {"text": RU}),
    ("cp1251_says_utf8", labelled("utf-8", "cp1251"), {"text": RU}),
    ("koi8_says_utf8", labelled("utf-8", "koi8-r"), {"text": RU}),
    ("koi8_says_cp1251", labelled("windows-1251", "koi8-r"), {"text": RU}),
    ("cp1251_says_koi8", labelled("koi8-r", "cp1251"), {"text": RU}),
    ("cp1251_says_nothing", head().encode() + RU.encode("cp1251"), {"text": RU}),
    ("cp1251_unknown_label", labelled("x-unknown", "cp1251"), {"text": RU}),
    ("unknown_8bit", labelled("unknown-8bit", "koi8-r"), {"text": RU}),
    ("codec_that_is_no_charset", labelled("base64", "utf-8"), {"text": RU}),
    ("zip_as_charset", labelled("zip", "utf-8"), {"text": RU}),
    (
        "western",
        labelled("iso-8859-1", "latin-1", "Schöne Grüße à tous"),
        {"text": "Schöne Grüße à tous"},
    ),
    (
        "western_no_label",
        head().encode() + "Schöne Grüße".encode("cp1252"),
        {"text": "Schöne Grüße"},
    ),
    ("gb2312_wider", labelled("gb2312", "gb18030", "合同问题"), {"text": "合同问题"}),
    ("iso2022jp", labelled("iso-2022-jp", "iso-2022-jp", "契約について"), {"text": "契約について"}),
    ("utf16", labelled("utf-16", "utf-16"), {"text": RU}),
    ("utf7", labelled("utf-7", "utf-7", "Привет"), {"text": "Привет"}),
    (
        "utf8_with_mark",
        b"\xef\xbb\xbf" + raw(head("Content-Type: text/plain; charset=utf-8") + RU),
        {"text": RU},
    ),
    ("utf8_cut_in_a_letter", labelled("utf-8", "utf-8")[:-2], {"text": RU[:-2] + "\ufffd"}),
    *(
        (f"capitals_{actual}_as_{label}", labelled(label, actual, CAPITALS), {"text": CAPITALS})
        for label, actual in (
            ("windows-1251", "cp1251"),
            ("koi8-r", "koi8-r"),
            ("koi8-r", "cp1251"),
            ("windows-1251", "koi8-r"),
            ("iso-8859-1", "cp1251"),
            ("us-ascii", "koi8-r"),
            ("unknown-8bit", "cp866"),
        )
    ),
    *(
        (f"a_few_words_{label}", labelled(label, actual, FEW), {"text": FEW})
        for label, actual in (("us-ascii", "cp1251"), ("utf-8", "koi8-r"), ("koi8-r", "cp1251"))
    ),
    ("western_stays", labelled("us-ascii", "cp1252", WESTERN), {"text": WESTERN}),
    (
        "abbreviations_are_believed",
        labelled("cp1251", "cp1251", "ФГУП ЦНИИ"),
        {"text": "ФГУП ЦНИИ"},
    ),
]
