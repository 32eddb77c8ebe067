"""Which tools of tau2-bench write: their successful calls change the domain's database, all others only read."""

from __future__ import annotations

import re
from collections.abc import Mapping

WRITING: Mapping[str, frozenset[str]] = {
    "airline": frozenset(
        {
            "book_reservation",
            "cancel_reservation",
            "send_certificate",
            "update_reservation_baggages",
            "update_reservation_flights",
            "update_reservation_passengers",
        }
    ),
    "mock": frozenset({"create_task", "update_task_status"}),
    "retail": frozenset(
        {
            "cancel_pending_order",
            "exchange_delivered_order_items",
            "modify_pending_order_address",
            "modify_pending_order_items",
            "modify_pending_order_payment",
            "modify_user_address",
            "return_delivered_order_items",
        }
    ),
    "telecom": frozenset(
        {
            "disable_roaming",
            "enable_roaming",
            "refuel_data",
            "resume_line",
            "send_payment_request",
            "suspend_line",
        }
    ),
}
"""By domain."""

_CHANGES = re.compile(
    "(?:add|apply|approve|assign|book|buy|cancel|change|charge|close|confirm|create|delete|disable|edit|enable"
    "|exchange|grant|insert|issue|make|modify|move|open|order|pay|place|process|record|refund|register|remove"
    "|replace|reset|resume|return|revoke|save|schedule|send|set|submit|suspend|toggle|update|upgrade|write)(?:_|$)",
    re.IGNORECASE,
)


def seems_to_write(name: str) -> bool:
    """A guess for a tool of a domain that is not known here: whether its name begins with a verb of change."""
    return _CHANGES.match(name) is not None
