"""What an office wants of the orders of one shop; A11."""

from typing import Literal

from pydantic import Field

from kartoteka.domain.model import Value

_LONGEST_NAME = 200


class ShopRules(Value):
    """Defaults of an account that brings orders."""

    pipeline: str = Field(default="", description="of the deals; empty: the office's first")
    probability: int | None = Field(default=None, ge=0, le=100)  # None: the stage's own
    visibility: Literal["own", "team", "all"] = "own"
    first_days: int = Field(default=30, ge=0, le=3_650)  # older orders are left in the shop
    notify_team: str = Field(default="", max_length=_LONGEST_NAME)  # told beside the owner
    two_way: bool = False  # True: 1C is given the office's orders too
    price_type: str = Field(default="", max_length=_LONGEST_NAME)  # 1C's; empty: its first
