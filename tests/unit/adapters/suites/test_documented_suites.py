"""What the guides show of suite files is read as it stands there."""

import re
from pathlib import Path

import pytest

from sparring.adapters.suites import parse_suite

DOCS = Path(__file__).resolve().parents[4] / "docs"
BLOCK = re.compile(r"(?<!-->\n)^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOOLS = (
    "check_weather, send_email, find_order, check_status, get_order, cancel_order, check_stock, issue_refund, "
    "refund_order"
)


def blocks():
    for name in ("mocks.md", "suites.md"):
        for number, body in enumerate(BLOCK.findall((DOCS / name).read_text(encoding="utf-8")), 1):
            yield pytest.param(body, id=f"{name} {number}")


@pytest.mark.parametrize("body", [*blocks()])
def test_a_part_of_a_scenario_that_a_guide_shows_is_read_without_a_warning(body):
    tools = "".join(f"    - {{name: {name}, writes: true}}\n" for name in TOOLS.split(", "))
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    given = "" if "generate" in body else "    variables: {order_id: A1B2C3}\n"
    named = "Your order is {{order_id}}" + (
        " {{travel_date}} {{return_date}} {{email}} {{tier}} {{seats}}." if "generate" in body else "."
    )
    suite = parse_suite(
        f"agent:\n  instructions: Help.\n  tools:\n{tools}"
        f'scenarios:\n  - name: One\n    instructions: "{named}"\n{given}{indented}'
    )
    assert suite.warnings == ()
