"""The channels by which a client can reach the office, in alphabetical order.

The core knows their names only, so that an account of a channel that is not there is refused;
`ingest.channels` holds a module of each name.
"""

CHANNEL_NAMES: tuple[str, ...] = (
    "avito",
    "call",
    "form",
    "max",
    "messenger",
    "telegram",
    "viber",
    "vk",
    "whatsapp",
)
