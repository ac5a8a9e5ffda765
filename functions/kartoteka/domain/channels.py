"""The channels by which a client can reach the office, in alphabetical order.

The core knows their names only, so that an account of a channel that is not there is refused;
`ingest.channels` holds a module of each name.
"""

CHANNEL_NAMES: tuple[str, ...] = (
    "asterisk",
    "avito",
    "beeline",
    "call",
    "cf7",
    "commerceml",
    "elementor",
    "exolve",
    "form",
    "gmail",
    "google_forms",
    "insales",
    "mailgun",
    "mango",
    "marquiz",
    "max",
    "megafon",
    "messenger",
    "opencart",
    "phone_log",
    "postmark",
    "sendgrid",
    "ses",
    "sipuni",
    "telegram",
    "telphin",
    "tilda",
    "twilio",
    "typeform",
    "uis",
    "viber",
    "vk",
    "whatsapp",
    "woocommerce",
    "yandex_forms",
    "zadarma",
)

# Their providers issue the secret: one of our own would never fit.
SECRET_ISSUED: frozenset[str] = frozenset(
    {"mailgun", "mango", "messenger", "ses", "twilio", "viber", "whatsapp", "zadarma"}
)
