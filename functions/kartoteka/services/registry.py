"""All commands of the product; each family declares its own."""

from kartoteka.services.commands import Registry
from kartoteka.services.lead_commands import LEAD_COMMANDS

COMMANDS: Registry = {**LEAD_COMMANDS}
