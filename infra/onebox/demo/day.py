"""The whole day, in order."""

from onebox.demo.acts import Wave
from onebox.demo.afternoon import AFTERNOON, EVENING
from onebox.demo.morning import MORNING, NOON

DAY: tuple[Wave, ...] = (*MORNING, *NOON, *AFTERNOON, *EVENING)
