"""Letters of mail servers that need no report: each family's shape, in words of ours."""

from tests.ingest.mail.corpus_bounces import COPY, SENT, group, lost, notice, report
from tests.ingest.mail.letters import Case, mixed, plain, raw

NOBODY, FULL, INNER = "nobody@client.example", "full@client.example", "box7@inner.example"
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example>"
RETURNED = "Mail delivery failed: returning message to sender"
FAILED = "The following address(es) failed:"
PASSED_ON = lost("5.1.1") | {"finals": (INNER,)}


def refused(words: str, status: str = "5.0.0") -> bytes:
    return report(group("failed", status, f"Diagnostic-Code: smtp; {words}"))


DIALECTS: list[Case] = [
    (
        "dialect_mail_ru_says_it_twice",
        notice(
            "mailer-daemon@corp.mail.ru",
            "Ваше сообщение не доставлено. Mail failure.",
            "К сожалению, письмо не может быть доставлено получателям:\n\n"
            f"  {FULL}\n    host mx.client.example [192.0.2.7]: 550 5.2.2 mailbox full\n"
            f"  {NOBODY}\n    host mx.client.example [192.0.2.7]: 550 5.1.1 user unknown\n\n"
            f"**********\n\nThis is a permanent error. {FAILED}\n\n"
            f"  {FULL}\n    host mx.client.example [192.0.2.7]: 550 5.2.2 mailbox full\n"
            f"  {NOBODY}\n    host mx.client.example [192.0.2.7]: 550 5.1.1 user unknown\n\n"
            f"------ This is a copy of the message. ------\n\n{COPY}",
            f"X-Failed-Recipients: {FULL},\n  {NOBODY}",
        ),
        {
            "nature": "bounce",
            "reports": ((FULL, True), (NOBODY, True)),
            "statuses": ("5.2.2", "5.1.1"),
            "about": (SENT,),
        },
    ),
    (
        "dialect_exim_of_an_address_made_of_ours",
        notice(
            DAEMON,
            RETURNED,
            f"{FAILED}\n\n  {INNER}\n    (generated from {NOBODY})\n    unknown user",
        ),
        PASSED_ON,
    ),
    (
        "dialect_exim_of_an_undisclosed_address",
        notice(
            DAEMON,
            RETURNED,
            f"{FAILED}\n\n  an undisclosed address\n    (generated from {NOBODY})\n    box is full",
        ),
        lost("5.2.2"),
    ),
    (
        "dialect_exim_that_gave_up",
        notice(DAEMON, RETURNED, f"{FAILED}\n\n  {NOBODY}\n    retry timeout exceeded"),
        lost("4.4.7"),
    ),
    (
        "dialect_postfix_of_an_alias",
        notice(
            DAEMON,
            "Undelivered Mail Returned to Sender",
            f'It could not be delivered.\n\n<{INNER}> (expanded from <{NOBODY}>): unknown user: "box7"',
        ),
        PASSED_ON,
    ),
    (
        "dialect_postfix_that_never_connected",
        notice(
            DAEMON,
            "Undelivered Mail Returned to Sender",
            f"<{NOBODY}>: connect to mx.client.example[192.0.2.7]:25:\n    Connection timed out",
        ),
        lost("4.4.7"),
    ),
    (
        "dialect_sendmail_of_an_alias",
        notice(
            "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
            "Returned mail: see transcript for details",
            f"   ----- The following addresses had permanent fatal errors -----\n<{INNER}>\n"
            f"    (reason: 550 5.1.1 User unknown)\n    (expanded from: <{NOBODY}>)\n",
        ),
        PASSED_ON,
    ),
    (
        "dialect_exchange_in_russian",
        notice(
            "Системный администратор <postmaster@client.example>",
            "Недоставлено: Встреча",
            "Невозможно доставить сообщение следующим получателям:\n\n"
            f"      {NOBODY} on 23.11.2026 10:00\n            Такой записи в организации нет.\n"
            "            <mx.client.example #5.1.1>\n",
        ),
        lost("5.1.1"),
    ),
    (
        "dialect_mdaemon_names_the_failed_address",
        notice(
            "MDaemon at mx.example <MDaemon@mx.example>",
            "Permanent Delivery Failure",
            "The attached message had PERMANENT fatal delivery errors.\n\n"
            f"Failed address: {NOBODY}\n\n--> RCPT To:<{NOBODY}>\n<-- 550 5.1.1 User unknown\n",
        ),
        lost("5.1.1"),
    ),
    (
        "dialect_courier_without_an_address_of_its_own",
        notice(
            '"Courier mail server at mx.example" <@>',
            "NOTICE: mail delivery status.",
            "UNDELIVERABLE MAIL\n\nYour message cannot be delivered:\n\n"
            f"<{NOBODY}>:\n>>> RCPT TO:<{NOBODY}>\n<<< 550 5.1.1 User unknown\n",
        ),
        lost("5.1.1"),
    ),
    (
        "dialect_imail_of_a_full_box",
        notice(
            "postmaster@mx.example",
            "Undeliverable Mail",
            f"User mailbox exceeds allowed size: {NOBODY}\n\nOriginal message follows.\n\n{COPY}",
        ),
        lost("5.2.2") | {"about": (SENT,)},
    ),
    (
        "dialect_qmail_of_two_of_which_one_has_no_code",
        notice(
            "MAILER-DAEMON@mx.example",
            "failure notice",
            f"I was not able to deliver it.\n\n<{FULL}>:\nRemote host said: nothing of use\n\n"
            f"<{NOBODY}>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        ),
        {
            "nature": "bounce",
            "reports": ((FULL, True), (NOBODY, True)),
            "statuses": ("", "5.1.1"),
        },
    ),
    (
        "dialect_that_tells_the_headers_first",
        notice(
            "Internet Mail Delivery <postmaster@mx.example>",
            "Delivery Notification: Delivery has failed",
            "This report is about a letter with these header fields:\n\n"
            f"  Return-path: <anna@office.example>\n  Message-id: <{SENT}>\n  Subject: Hi\n\n"
            "Your message cannot be delivered to the following recipients:\n\n"
            f"  Recipient address: {NOBODY}\n  Diagnostic code: smtp;550 5.1.1 User Unknown\n",
        ),
        lost("5.1.1") | {"about": (SENT,)},
    ),
    (
        "dialect_of_a_report_that_is_labelled_a_text",
        raw(
            mixed(
                plain("It did not arrive."),
                "Content-Type: text/plain; name=details.txt\n\nReporting-MTA: dns; mx.example\n\n"
                f"Final-Recipient: rfc822; {NOBODY}\nAction: failed\nStatus: 5.2.2\n",
                f"Content-Type: message/rfc822\n\n{COPY}\n",
            )
            .replace("From: m@client.example", f"From: {DAEMON}\nTo: anna@office.example")
            .replace("Subject: x", f"Subject: {RETURNED}")
        ),
        lost("5.2.2") | {"about": (SENT,)},
    ),
    *(
        (f"refusal_{number}_says_nothing_of_the_address", refused(words), lost(status))
        for number, (words, status) in enumerate(
            (
                ("550 spam message rejected. See https://mx.example/notspam", "5.7.1"),
                ("554 Your host is on a block list", "5.7.1"),
                ("550 SPF check failed", "5.7.1"),
                ("550 relay not permitted", "5.7.1"),
                ("554 Message rejected", "5.7.1"),
                ("552 message size exceeds the limit", "5.3.4"),
                ("Connection timed out", "4.4.7"),
                ("550 письмо похоже на спам", "5.7.1"),
            )
        )
    ),
    *(
        (f"refusal_of_an_unknown_user_{number}", refused(words, status), lost(meant))
        for number, (words, status, meant) in enumerate(
            (
                ("550 5.1.1 <spam@client.example> user unknown", "5.0.0", "5.1.1"),
                ("550 <rbl@client.example>: no such user", "5.0.0", "5.1.1"),
                ("550 5.7.26 no such user passes DMARC", "5.7.26", "5.7.26"),
                ("550 nobody of that kind", "5.0.0", "5.0.0"),
            )
        )
    ),
]
