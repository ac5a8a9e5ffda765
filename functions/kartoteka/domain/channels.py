"""The channels by which a client can reach the office, in alphabetical order.

The core knows their names only, so that an account of a channel that is not there is refused;
`ingest.channels` holds a module of each name.
"""

CHANNEL_NAMES: tuple[str, ...] = (
    "asterisk",
    "avito",
    "beeline",
    "call",
    "exolve",
    "form",
    "gmail",
    "mailgun",
    "mango",
    "max",
    "megafon",
    "messenger",
    "phone_log",
    "postmark",
    "sendgrid",
    "ses",
    "sipuni",
    "telegram",
    "telphin",
    "twilio",
    "uis",
    "viber",
    "vk",
    "whatsapp",
    "zadarma",
)

# Their providers issue the secret: one of our own would never fit.
SECRET_ISSUED: frozenset[str] = frozenset(
    {"mailgun", "mango", "messenger", "ses", "twilio", "viber", "whatsapp", "zadarma"}
)
