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
    "cloudpayments",
    "commerceml",
    "elementor",
    "exolve",
    "form",
    "gmail",
    "google_chat",
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
    "robokassa",
    "sendgrid",
    "sendpulse",
    "ses",
    "sipuni",
    "site",
    "smsaero",
    "smsc",
    "smsru",
    "stripe",
    "tbank",
    "telegram",
    "telphin",
    "tilda",
    "twilio",
    "twilio_sms",
    "typeform",
    "uis",
    "unisender",
    "viber",
    "vk",
    "whatsapp",
    "woocommerce",
    "yandex_forms",
    "yookassa",
    "zadarma",
)

# Telephone exchanges: they report every call by themselves, so none is written down by hand.
EXCHANGES: frozenset[str] = frozenset(
    {
        "asterisk",
        "beeline",
        "call",
        "exolve",
        "mango",
        "megafon",
        "sipuni",
        "telphin",
        "twilio",
        "uis",
        "zadarma",
    }
)

# Their secret is a pair with a colon between: who the office is there, and what it proves it with.
SECRET_IN_TWO: frozenset[str] = frozenset({"mango"})

# Accounts that only send: nothing comes in at an address of theirs.
SENDING_ONLY: tuple[str, ...] = ("smtp",)

# Whatever they send is money: who may not see payments does not see it.
PAYMENT_CHANNELS: frozenset[str] = frozenset(
    {"cloudpayments", "robokassa", "stripe", "tbank", "yookassa"}
)

# What they send is full of sums: who may not see amounts does not see it as it came.
SHOP_CHANNELS: frozenset[str] = frozenset({"commerceml", "insales", "opencart", "woocommerce"})

# Their providers issue the secret: one of our own would never fit.
SECRET_ISSUED: frozenset[str] = frozenset(
    {
        "cloudpayments",
        "mailgun",
        "mango",
        "messenger",
        "robokassa",
        "ses",
        "stripe",
        "tbank",
        "twilio",
        "twilio_sms",
        "unisender",
        "viber",
        "whatsapp",
        "zadarma",
    }
)
