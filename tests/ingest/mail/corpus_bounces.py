"""Letters of mail servers about letters of ours: each family of servers in its own words."""

from tests.ingest.mail.letters import Case, head, mixed, plain, raw

SENT = "kt-1@office.example"  # the id of the letter that came back
COPY = f"From: Анна <anna@office.example>\nTo: nobody@client.example\nMessage-ID: <{SENT}>\n\nПриходите в среду."


def notice(sender: str, subject: str, text: str, *more: str) -> bytes:
    headers = (f"From: {sender}", "To: anna@office.example", f"Subject: {subject}", *more)
    lines = "".join(f"{line}\n" for line in headers)
    return raw(f"{lines}Content-Type: text/plain; charset=utf-8\n\n{text}")


def report(*groups: str, words: str = "x", copy: str = "") -> bytes:
    fields = "\n\n".join(("Reporting-MTA: dns; mx.example", *groups))
    parts = [plain(words), f"Content-Type: message/delivery-status\n\n{fields}\n"]
    if copy:
        parts.append(f"Content-Type: message/rfc822\n\n{copy}\n")
    return raw(mixed(*parts, kind="multipart/report; report-type=delivery-status"))


def group(action: str, status: str, *more: str, to: str = "nobody@client.example") -> str:
    told = (f"Final-Recipient: rfc822; {to}", f"Action: {action}", f"Status: {status}", *more)
    return "\n".join(told)


def lost(status: str, address: str = "nobody@client.example") -> dict[str, object]:
    return {"nature": "bounce", "reports": ((address, True),), "statuses": (status,)}


BOUNCES: list[Case] = [
    (
        "bounce_exim_with_a_copy_in_the_text",
        notice(
            "Mail Delivery System <Mailer-Daemon@mx.example>",
            "Mail delivery failed: returning message to sender",
            "A message that you sent could not be delivered.\nThe following address failed:\n\n"
            "  nobody@client.example\n    host mx.client.example: 550 5.1.1 User unknown\n\n"
            f"------ This is a copy of the message, including all the headers. ------\n\n{COPY}",
        ),
        lost("5.1.1") | {"about": (SENT,)},
    ),
    (
        "bounce_in_russian",
        notice(
            "mailer-daemon@mx.example",
            "Ваше сообщение не доставлено",
            "К сожалению, ваше письмо не может быть доставлено получателю:\n\n"
            "  nobody@client.example\n    550 5.2.2 ящик переполнен\n\n"
            f"------ Копия письма ------\n\n{COPY}",
            "Auto-Submitted: auto-replied",
        ),
        lost("5.2.2") | {"about": (SENT,)},
    ),
    (
        "bounce_qmail_of_two_addresses",
        notice(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            "Hi. This is the mail program at mx.example.\n\n"
            "<nobody@client.example>:\nThis address no longer accepts mail.\n\n"
            "<full@client.example>:\nThe box is over quota. (#5.2.2)\n\n"
            f"--- Below this line is a copy of the message.\n\n{COPY}",
        ),
        {
            "nature": "bounce",
            "reports": (("nobody@client.example", True), ("full@client.example", True)),
            "statuses": ("5.1.1", "5.2.2"),
            "about": (SENT,),
        },
    ),
    (
        "bounce_names_its_addressee_too",
        notice(
            "postmaster@mx.example",
            "Undeliverable: Встреча",
            "Your message, sent by anna@office.example,\ndid not reach the recipient(s):\n\n"
            "nobody@client.example on Mon, 23 Nov 2026 12:00:00 +0300\n"
            "    The recipient name is not recognized",
        ),
        lost(""),
    ),
    (
        "bounce_after_the_name_of_the_field",
        notice(
            "postmaster@mx.example",
            "Message Delivery Failure",
            "It could not be delivered to some recipients.\n\n\tRecipient: [SMTP:nobody@client.example]\n"
            "\tReason: 550 Requested action not taken: mailbox unavailable\n",
        ),
        lost("5.1.1"),
    ),
    (
        "bounce_names_the_address_in_the_copy_only",
        notice(
            "MAILER-DAEMON@mx.example",
            "Returned mail",
            f"Your message was not delivered, the server is gone.\n\nOriginal message follows.\n\n{COPY}",
        ),
        lost("") | {"about": (SENT,)},
    ),
    (
        "bounce_names_no_address",
        notice("MAILER-DAEMON@mx.example", "Delivery failure", "The letter was not delivered."),
        lost("", ""),
    ),
    (
        "bounce_delayed_in_words",
        notice(
            "Mail Delivery System <mailer-daemon@mx.example>",
            "Warning: message delayed 24 hours",
            "The address to which the message has not yet been delivered is:\n\n"
            "  slow@client.example\n\nNo action is required. Delivery attempts will continue.",
        ),
        {"nature": "bounce", "reports": (("slow@client.example", False),)},
    ),
    (
        "bounce_of_a_filter_that_is_no_daemon",
        notice(
            "filter@mx.example",
            "Mail could not be delivered",
            "Sent <<< RCPT TO:<nobody@client.example>\nReceived >>> 550 5.1.1 unknown user.",
        ),
        lost("5.1.1"),
    ),
    (
        "bounce_of_a_gateway_with_the_answer_of_a_server",
        notice(
            "gateway@mx.example",
            "Returned mail: error during delivery",
            "<nobody@client.example>: mailbox unavailable. [SMTP code 550]",
        ),
        lost("5.1.1"),
    ),
    (
        "complaint_of_a_person_about_mail",
        notice(
            "maria@client.example",
            "Письмо не доставлено",
            "Добрый день! Ваше письмо не было доставлено, пришлите договор ещё раз.",
        ),
        {"nature": "person", "reports": ()},
    ),
    (
        "absence_with_an_empty_return_path",
        notice(
            "maria@client.example",
            "Нет на месте",
            "Вернусь в среду, мой ответ задержится.",
            "Return-Path: <>",
        ),
        {"nature": "auto", "reports": ()},
    ),
    (
        "absence_said_in_the_subject_only",
        notice("maria@client.example", "Автоответ: Встреча", "Я в отпуске."),
        {"nature": "auto"},
    ),
    (
        "report_on_a_domain",
        notice(
            "dmarc@mx.example",
            "Report Domain: office.example Submitter: mx.example Report-ID: 1",
            "x",
        ),
        {"nature": "auto"},
    ),
    (
        "complaint_report",
        raw(
            mixed(
                plain("spam"),
                "Content-Type: message/feedback-report\n\nFeedback-Type: abuse",
                kind="multipart/report; report-type=feedback-report",
            )
        ),
        {"nature": "complaint", "reports": ()},
    ),
    (
        "complaint_that_names_the_reader",
        raw(
            mixed(
                plain("spam"),
                "Content-Type: message/feedback-report\n\nFeedback-Type: Abuse\nVersion: 1\n"
                "Original-Rcpt-To: <Nobody@Client.example>\nSource-IP: 192.0.2.7",
                f"Content-Type: message/rfc822\n\n{COPY}\n",
                kind="multipart/report; report-type=feedback-report",
            )
        ),
        {
            "nature": "complaint",
            "reports": (("nobody@client.example", False),),
            "about": (SENT,),
        },
    ),
    (
        "complaint_that_hides_the_reader",
        raw(
            mixed(
                "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
                "Original-Rcpt-To: 0123456789abcdef0123456789abcdef@client.example",
                f"Content-Type: message/rfc822\n\n{COPY}\n",
                kind="multipart/report; report-type=feedback-report",
            )
        ),
        {"nature": "complaint", "reports": (), "about": (SENT,)},
    ),
    (
        "feedback_of_a_server_on_signatures",
        raw(
            mixed(
                plain("dkim"),
                "Content-Type: message/feedback-report\n\nFeedback-Type: auth-failure",
                f"Content-Type: message/rfc822\n\n{COPY}\n",
                kind="multipart/report; report-type=feedback-report",
            )
        ),
        {"nature": "auto", "about": ()},
    ),
    (
        "report_of_an_address_that_was_passed_on",
        report(
            group(
                "failed",
                "5.1.1",
                "Original-Recipient: rfc822;nobody@client.example",
                to="box7@inner.example",
            ),
            copy=COPY,
        ),
        lost("5.1.1") | {"about": (SENT,), "finals": ("box7@inner.example",)},
    ),
    (
        "report_with_an_address_of_another_network",
        report(
            "Original-Recipient: rfc822; nobody@client.example\n"
            "Final-Recipient: x400; /S=nobody/C=RU/\nAction: failed\nStatus: 5.1.1"
        ),
        lost("5.1.1"),
    ),
    (
        "report_with_an_action_in_other_words",
        report(group("Failure (mailbox)", "5.2.1"), group("error", "5.0.0", to="b@client.example")),
        {
            "nature": "bounce",
            "reports": (("nobody@client.example", True), ("b@client.example", True)),
        },
    ),
    (
        "report_without_an_action",
        report("Final-Recipient: rfc822; nobody@client.example\nStatus: 5.1.1"),
        lost("5.1.1"),
    ),
    (
        "report_after_days_of_trying",
        report(group("failed", "4.4.7")),
        lost("4.4.7"),
    ),
    (
        "report_with_a_better_code_in_the_words",
        report(group("failed", "5.0.0", "Diagnostic-Code: smtp; 550 5.7.9 no policy fits")),
        lost("5.7.9"),
    ),
    (
        "report_that_calls_an_unknown_user_a_policy",
        report(group("failed", "5.7.1", "Diagnostic-Code: smtp; 550 5.7.1 No such user!")),
        lost("5.1.1"),
    ),
    (
        "report_of_a_full_box_without_a_code",
        report(group("failed", "5.0.0", "Diagnostic-Code: smtp; 552 mailbox is full")),
        lost("5.2.2"),
    ),
    (
        "report_passed_on_as_a_letter",
        raw(
            head(
                'Content-Type: multipart/mixed; report-type=delivery-status; boundary="O"',
            )
            + "--O\nContent-Type: message/rfc822\n\n"
            + report(group("failed", "5.1.1")).decode().replace("\r\n", "\n")
            + "\n--O--\n"
        ),
        lost("5.1.1"),
    ),
    (
        "report_of_success",
        report(group("delivered", "2.0.0")),
        {"nature": "bounce", "reports": (("nobody@client.example", False),)},
    ),
    (
        "report_that_gave_up_in_its_own_word",
        report(group("expired", "")),
        lost("4.4.7"),
    ),
    (
        "bounce_of_a_list_of_people",
        notice(
            "Postmaster@mx.example",
            "DELIVERY FAILURE: User not listed in the directory",
            "Your message\n\n  Subject: Встреча\n\nwas not delivered to:\n\n  nobody@client.example\n\n"
            "because:\n\n  User (nobody@client.example) not listed in the directory",
        ),
        lost("5.1.1"),
    ),
    (
        "bounce_of_a_daemon_with_a_name_only",
        notice(
            "Mailer Daemon <admin@mx.example>",
            "Delivery status notification: error",
            "An error has occurred for:\n\nnobody@client.example: Envelope expired\n\n"
            f"    Below is a copy of the original message:\n\n{COPY}",
        ),
        lost("4.4.7") | {"about": (SENT,)},
    ),
    *(
        (
            f"person_about_a_parcel_{number}",
            notice("maria@client.example", subject, text),
            {"nature": "person", "reports": ()},
        )
        for number, (subject, text) in enumerate(
            (
                ("Не удаётся доставить: заказ", "Курьер не нашёл квартиру 415 - позвоните."),
                ("Не удаётся доставить: заказ", "Письмо от 5.7.26 не доставлено."),
                ("Не удаётся доставить: заказ", "Заказ 550 не доставлен, обещали 4.12.26."),
                ("Delivery failure of our order", "Order 550 was not delivered to our address."),
            )
        )
    ),
    *(
        (
            f"bounce_in_words_of_{name}",
            notice("postmaster@mx.example", subject, f"{text}\n\nnobody@client.example\n"),
            {"nature": "bounce", "reports": (("nobody@client.example", permanent),)},
        )
        for name, subject, text, permanent in (
            (
                "exchange",
                "Не удается доставить: Встреча",
                "Доставка получателям не выполнена:",
                True,
            ),
            ("a_server", "Уведомление о состоянии доставки (сбой)", "Произошла ошибка.", True),
            ("a_slow_server", "Задержка доставки", "Мы попробуем доставить письмо ещё раз:", False),
            ("gmail", "Delivery Status Notification", "Your message wasn’t delivered to", True),
        )
    ),
]
