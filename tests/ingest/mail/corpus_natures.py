"""Letters of machines."""

from tests.ingest.mail.letters import Case, head, mixed, plain, raw

NATURES: list[Case] = [
    ("auto_submitted", raw(head("Auto-Submitted: auto-replied") + "x"), {"nature": "auto"}),
    ("auto_submitted_no", raw(head("Auto-Submitted: no") + "x"), {"nature": "person"}),
    ("precedence_bulk", raw(head("Precedence: bulk") + "x"), {"nature": "list"}),
    ("list_id", raw(head("List-Id: <l.example>") + "x"), {"nature": "list"}),
    ("x_autoreply", raw(head("X-Autoreply: yes") + "x"), {"nature": "auto"}),
    ("null_sender", raw(head("Return-Path: <>") + "x"), {"nature": "auto"}),
    ("no_reply", b"From: no-reply@shop.example\nSubject: x\n\ny", {"nature": "auto"}),
    (
        "ru_vacation",
        raw(
            "From: m@client.example\nSubject: Автоматический ответ: Вопрос\nX-Auto-Response-Suppress: All\n\nВ отпуске"
        ),
        {"nature": "auto"},
    ),
    (
        "exchange_person",
        raw(head("X-Auto-Response-Suppress: DR, OOF, AutoReply") + "x"),
        {"nature": "person"},
    ),
    (
        "read_receipt",
        raw(
            mixed(
                plain("read"),
                "Content-Type: message/disposition-notification\n\nDisposition: manual-action",
                kind="multipart/report; report-type=disposition-notification",
            )
        ),
        {"nature": "receipt"},
    ),
    (
        "bounce_qmail",
        b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<nobody@client.example>:\nSorry, no mailbox here by that name. (#5.1.1)",
        {"nature": "bounce", "reports": (("nobody@client.example", True),)},
    ),
    (
        "bounce_failed_recipients",
        b"From: postmaster@mx.example\nSubject: x\nX-Failed-Recipients: nobody@client.example\n\ny",
        {"nature": "bounce", "reports": (("nobody@client.example", True),)},
    ),
    (
        "bounce_delayed",
        raw(
            mixed(
                plain("late"),
                "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; slow@client.example\nAction: delayed\nStatus: 4.4.1",
                kind="multipart/report; report-type=delivery-status",
            )
        ),
        {"nature": "bounce", "reports": (("slow@client.example", False),)},
    ),
]
