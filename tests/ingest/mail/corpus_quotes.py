"""Letters that quote and sign, in Russian and English."""

from tests.ingest.mail.letters import Case, head, raw

QUOTES: list[Case] = [
    (
        "ru_gmail",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\nпн, 23 нояб. 2026 г. в 12:00, Анна <a@o.example>:\n\n> Придёте?\n"
        ),
        {"text": "Да."},
    ),
    (
        "ru_gmail_two_lines",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\nпн, 23 нояб. 2026 г. в 12:00, Анна Белова из офиса\n<a@o.example>:\n\n> Придёте?\n"
        ),
        {"text": "Да."},
    ),
    (
        "ru_mailru",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\n>Понедельник, 23 ноября 2026, 12:00 +03:00 от Анна <a@o.example>:\n>\n>Придёте?\n>--\n>Анна"
        ),
        {"text": "Да."},
    ),
    (
        "ru_yandex",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + 'Да.\n\n23.11.2026, 12:00, "Анна" <a@o.example>:\nПридёте?\n'
        ),
        {"text": "Да."},
    ),
    (
        "ru_wrote",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\n23.11.2026 12:00, Анна Белова пишет:\n> Придёте?\n"
        ),
        {"text": "Да."},
    ),
    (
        "ru_outlook",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\nОт: Анна <a@o.example>\nОтправлено: 23 ноября 2026 г. 12:00\nКому: Мария\nТема: Встреча\n\nПридёте?"
        ),
        {"text": "Да."},
    ),
    (
        "ru_original",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\n-----Исходное сообщение-----\nFrom: Анна\nПридёте?"
        ),
        {"text": "Да."},
    ),
    (
        "ru_the_bat",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Здравствуйте, Анна.\n\nВы писали 23 ноября 2026 г., 12:00:\n\n> Придёте?\n\nДа, приду."
        ),
        {"text": "Здравствуйте, Анна.\n\nДа, приду."},
    ),
    (
        "en_gmail",
        raw(
            head()
            + "Yes.\n\nOn Mon, Nov 23, 2026 at 12:00 PM Anna <a@o.example> wrote:\n\n> Coming?\n"
        ),
        {"text": "Yes."},
    ),
    (
        "en_outlook",
        raw(
            head()
            + "Yes.\n\nFrom: Anna\nSent: Monday, November 23, 2026 12:00\nTo: Maria\nSubject: Meeting\n\nComing?"
        ),
        {"text": "Yes."},
    ),
    (
        "answers_between_the_lines",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "> Придёте?\nДа.\n> Во сколько?\nВ три."
        ),
        {"text": "Да.\nВ три."},
    ),
    (
        "only_a_quote_stays",
        raw(head("Content-Type: text/plain; charset=utf-8") + "> Придёте?\n"),
        {"text": "> Придёте?"},
    ),
    (
        "forward_stays",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "---------- Пересылаемое сообщение ----------\nОт: Клиент <c@x.example>\nНужен юрист"
        ),
        {
            "text": "---------- Пересылаемое сообщение ----------\nОт: Клиент <c@x.example>\nНужен юрист"
        },
    ),
    (
        "signature_line",
        raw(head("Content-Type: text/plain; charset=utf-8") + "Да.\n-- \nМария\n+7 916 555-01-31"),
        {"text": "Да.", "whole": "Да.\n-- \nМария\n+7 916 555-01-31"},
    ),
    (
        "ru_sign_off",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Пришлите счёт.\n\nС уважением,\nМария Орлова"
        ),
        {"text": "Пришлите счёт."},
    ),
    (
        "en_sign_off",
        raw(head() + "Send the invoice.\n\nBest regards,\nMaria"),
        {"text": "Send the invoice."},
    ),
    (
        "ru_mobile",
        raw(head("Content-Type: text/plain; charset=utf-8") + "Да\n\nОтправлено с iPhone"),
        {"text": "Да"},
    ),
    (
        "ru_yandex_mobile",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да\n--\nОтправлено из мобильной Яндекс Почты"
        ),
        {"text": "Да"},
    ),
    ("en_mobile", raw(head() + "Yes\n\nSent from my iPhone"), {"text": "Yes"}),
    (
        "date_in_the_words_stays",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Встреча 23.11.2026, подтвердите:\nкомната 5"
        ),
        {"text": "Встреча 23.11.2026, подтвердите:\nкомната 5"},
    ),
    (
        "from_in_the_words_stays",
        raw(head("Content-Type: text/plain; charset=utf-8") + "Нужно:\nОт: Москвы до Тулы\nсрочно"),
        {"text": "Нужно:\nОт: Москвы до Тулы\nсрочно"},
    ),
    (
        "html_gmail_quote",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + '<div>Да.</div><div class="gmail_quote"><div>пн, Анна:</div><blockquote>Придёте?</blockquote></div>'
        ),
        {"text": "Да.", "whole": "Да.\nпн, Анна:\n\nПридёте?"},
    ),
    (
        "html_outlook_quote",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + '<p>Да.</p><div id="divRplyFwdMsg"><b>От:</b> Анна</div>'
        ),
        {"text": "Да."},
    ),
    (
        "html_answer_below",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + "<blockquote>Придёте?</blockquote><p>Да.</p>"
        ),
        {"text": "Да."},
    ),
    (
        "html_only_a_quote_stays",
        raw(head("Content-Type: text/html; charset=utf-8") + "<blockquote>Придёте?</blockquote>"),
        {"text": "Придёте?"},
    ),
    *(
        (
            f"answer_in_{name}",
            raw(head("Content-Type: text/plain; charset=utf-8") + f"Да, приду.\n\n{quote}"),
            {"text": "Да, приду."},
        )
        for name, quote in {
            "gmail_with_a_user": '23 ноября 2026 г., 12:00 пользователь "Анна" <a@o.example> написал:\n> Придёте?',
            "gmail_of_figures": "2026-11-23 12:00 GMT+03:00 Анна Белова <\na@o.example>:\n\n> Придёте?",
            "gmail_in_three_lines": "On Mon, Nov 23, 2026 at 12:00 PM Anna <\na.very.long.name@o.example>\nwrote:\n\nComing?",
            "mailru_web": "Понедельник, 23 ноября 2026, 12:00 +03:00 от Анна <a@o.example>:\n\nПридёте?",
            "mailru_phone": "--\nОтправлено из Mail для Android\n\nпонедельник, 23 ноября 2026 г., 12:00 +0300 от a@o.example:\n> Придёте?",
            "yandex_phone": "Отправлено из мобильной Яндекс Почты: http://m.example\n\n23.11.2026, 12:00, Анна <a@o.example>:\n\nПридёте?",
            "apple": "> 23 нояб. 2026 г., в 12:00, Анна\n> <a@o.example> написал(а):\n> \n> Придёте?",
            "outlook_phone": "Получить Outlook для iOS<https://aka.example/1>\n________________________________\nОт: Анна <a@o.example>\nОтправлено: 23 ноября 2026 г. 12:00\nКому: Мария\nТема: Встреча\n\nПридёте?",
            "outlook_bold": "*От:* Анна\n*Отправлено:* 23 ноября 2026 г.\n*Кому:* Мария\n*Тема:* Встреча\n\nПридёте?",
            "outlook_date_first": "Date: Mon, 23 Nov 2026\nFrom: Анна\nTo: Мария\nSubject: Встреча\n\nПридёте?",
            "samsung": "Отправлено с моего Galaxy\n\n-------- Исходное сообщение --------\nОт: Анна\nДата: 23.11.2026\n\nПридёте?",
            "zoho": "---- Вкл Пн, 23 ноя 2026 12:00:00 +0300 Анна <a@o.example> написал(а) ----\n\nПридёте?",
            "windows": "Отправлено из Почты для Windows\n\nОт: Анна\nОтправлено: 23 ноября 2026 г.\nКому: Мария\nТема: x\n\nПридёте?",
            "ukrainian": "пн, 23 лист. 2026 р. о 12:00 Анна <a@o.example> пише:\n\n> Прийдете?",
            "a_signature_above_the_quote": "-- \nМария\n\nпн, 23 нояб. 2026 г. в 12:00, Анна <a@o.example>:\nПридёте?",
        }.items()
    ),
    *(
        (
            f"own_words_stay_{name}",
            raw(head("Content-Type: text/plain; charset=utf-8") + text),
            {"text": text},
        )
        for name, text in {
            "of_who_wrote_when": "Добрый день!\n23.11.2026 в 12:00 мне написала ваш менеджер Анна.\nПрошу вернуть деньги.",
            "broken_after_wrote": "Вчера, 23.11.2026 в 12:00, я написал\nпретензию. Ответа нет.",
            "of_a_parcel": "Документы готовы.\nОтправлено через курьера, номер 12345.\nЖду ответа.",
            "between_rules": "Заказ 5\n--------------------\nСтол, 1 шт.\n--------------------\nИтого 100",
            "in_a_table": "Нужно:\n| Товар | Шт |\n| Стол | 2 |",
        }.items()
    ),
    (
        "postscript_under_the_signature_stays",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Пришлите счёт.\n\nС уважением,\nМария\n\nP.S. Звоните после трёх."
        ),
        {"text": "Пришлите счёт.\n\nP.S. Звоните после трёх."},
    ),
    (
        "letter_passed_on_is_what_it_says",
        raw(
            "From: m@client.example\nSubject: Fwd: Аренда\nContent-Type: text/plain; charset=utf-8\n\n"
            "Посмотрите.\n\n-------- Пересылаемое сообщение --------\nОт: Олег\nНужен договор."
        ),
        {
            "text": "Посмотрите.\n\n-------- Пересылаемое сообщение --------\nОт: Олег\nНужен договор."
        },
    ),
    *(
        (
            f"html_answer_in_{name}",
            raw(head("Content-Type: text/html; charset=utf-8") + page),
            {"text": "Да."},
        )
        for name, page in {
            "outlook_web": '<style type="text/css" style="display:none;">p {margin:0}</style><div>Да.</div><hr>'
            '<div id="divRplyFwdMsg"><b>От:</b> Анна<br><b>Тема:</b> x</div><div>Придёте?</div>',
            "outlook_web_new": '<div>Да.</div><div id="appendonsend"></div><hr><div>Придёте?</div>',
            "outlook_desktop": "<p>Да.</p><div style='border-top:solid'><p><b>От:</b> Анна<br><b>Отправлено:</b> "
            "пн<br><b>Кому:</b> М<br><b>Тема:</b> x</p></div><p>Придёте?</p>",
            "outlook_phone": '<div>Да.</div><div id="mail-editor-reference-message-container">Придёте?</div>',
            "mailru_phone": '<div>Да.</div><div id="mail-app-auto-quote"><div>Придёте?</div></div>',
            "yandex": '<div>Да.</div><div>23.11.2026, 12:00, "Анна" &lt;a@o.example&gt;:</div>'
            "<blockquote><p>Придёте?</p></blockquote>",
            "apple": '<div>Да.</div><blockquote type="cite"><div>Анна написала:</div>Придёте?</blockquote>',
            "thunderbird_below": '<div class="moz-cite-prefix">Анна пишет:</div><blockquote>Придёте?</blockquote><p>Да.</p>',
        }.items()
    ),
    (
        "html_letter_that_begins_with_what_it_passes_on",
        raw(
            head("Content-Type: text/html; charset=utf-8")
            + '<div id="divRplyFwdMsg"><b>От:</b> Олег</div><div>Нужен договор.</div>'
        ),
        {"text": "Нужен договор.", "whole": "От: Олег\nНужен договор."},
    ),
    (
        "block_of_headers_at_the_beginning_stays_whole",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "От: Олег\nОтправлено: пн\nКому: М\nКопия: К\nТема: Аренда\n\nНужен договор."
        ),
        {"text": "От: Олег\nОтправлено: пн\nКому: М\nКопия: К\nТема: Аренда\n\nНужен договор."},
    ),
    *(
        (f"html_{name}", raw(head("Content-Type: text/html; charset=utf-8") + page), {"text": text})
        for name, page, text in (
            (
                "indentation_is_no_quote",
                "<p>Нужно сделать:</p><blockquote>стол 2 шт.<br>стул 4 шт.</blockquote><p>Жду счёт.</p>",
                "Нужно сделать:\n\nстол 2 шт.\nстул 4 шт.\n\nЖду счёт.",
            ),
            (
                "indentation_under_a_date_is_no_quote",
                "<div>По проекту от 12.11.2026:</div><blockquote>забор 12 м</blockquote>",
                "По проекту от 12.11.2026:\n\nзабор 12 м",
            ),
            (
                "quote_behind_who_wrote",
                "<div>Да.</div><div>Анна Белова пишет:</div><blockquote>Придёте?</blockquote>",
                "Да.",
            ),
            (
                "quote_behind_headers_of_yandex",
                (
                    "<div>Да.</div><div>----------------</div><div>Кому: М (m@x.example);</div><div>Тема: x;</div>"
                    '<div>23.11.2026, 12:00, "Анна" &lt;a@o.example&gt;:</div><blockquote>Придёте?</blockquote>'
                ),
                "Да.",
            ),
            (
                "quote_of_a_phone_of_mailru",
                (
                    '<div>Да.<div id="mail-app-auto-signature">Отправлено из Почты</div><br>Пн, 23 ноября 2026, 12:00 +03:00 '
                    'от Анна &lt;a@o.example&gt;:<br><div id="composeWebView_previouse_content">'
                    '<blockquote id="mail-app-auto-quote">Придёте?</blockquote></div></div>'
                ),
                "Да.",
            ),
            (
                "quote_under_a_line_of_outlook",
                (
                    "<p>Да.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Анна<br>"
                    "<b>Sent:</b> Monday</p></div><p>Придёте?</p>"
                ),
                "Да.",
            ),
        )
    ),
    *(
        (
            f"passed_on_by_{name}",
            raw(head("Content-Type: text/plain; charset=utf-8") + text),
            {"text": text},
        )
        for name, text in {
            "gmail": "FYI\n\n---------- Forwarded message ---------\nFrom: Oleg\nDate: Mon\nSubject: x\nTo: y\n\nText",
            "mailru": "Ответьте ему.\n\n-------- Пересылаемое сообщение --------\nОт кого: Олег\nКому: М\n\nЦена?",
            "apple": "Это вам.\n\nНачало переадресованного сообщения:\n\nОт: Олег\nТема: x\nДата: 23.11\n\nЦена?",
        }.items()
    ),
    (
        "answer_to_a_letter_that_passed_one_on",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\nпн, 23 нояб. 2026 г. в 12:00, Анна <a@o.example>:\n\n"
            "---------- Forwarded message ---------\nFrom: Oleg\n\nText"
        ),
        {"text": "Да."},
    ),
    *(
        (
            f"answer_from_a_mail_program_in_{language}",
            raw(
                head("Content-Type: text/plain; charset=utf-8")
                + f"Да.\n\n{attribution}\n\nПридёте?\n"
            ),
            {"text": "Да."},
        )
        for language, attribution in {
            "kazakh": "2026 ж. 23 қар., 12:00 Анна <a@o.example> жазды:",
            "belarusian": "пн, 23 ліс 2026, 12:00 Анна <a@o.example> піша:",
            "polish": "pon., 23 lis 2026 o 12:00 Anna <a@o.example> napisał(a):",
            "portuguese": "Em seg., 23 de nov. de 2026 às 12:00, Anna\n<a@o.example> escreveu:",
            "turkish": "Anna <a@o.example>, 23 Kas 2026 Pzt, 12:00 tarihinde şunu yazdı:",
        }.items()
    ),
    (
        "order_list_that_names_an_address_without_a_year",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "Да.\n\nК 12:00 пришлите Анне <a@o.example> вот что:\nсчёт"
        ),
        {"text": "Да.\n\nК 12:00 пришлите Анне <a@o.example> вот что:\nсчёт"},
    ),
    *(
        (
            f"answer_above_the_line_of_{name}",
            raw(head("Content-Type: text/plain; charset=utf-8") + f"Да.\n\n{line}\n\nПридёте?\n"),
            {"text": "Да."},
        )
        for name, line in {
            "a_help_desk": "##- Пожалуйста, введите свой ответ выше этой строки -##",
            "an_english_help_desk": "##- Please type your reply above this line -##",
            "a_tracker": "--- Reply above this line ---",
        }.items()
    ),
    (
        "line_of_a_help_desk_first",
        raw(
            head("Content-Type: text/plain; charset=utf-8")
            + "##- Ответьте выше этой строки -##\n\nПридёте?"
        ),
        {"text": "##- Ответьте выше этой строки -##\n\nПридёте?"},
    ),
]
