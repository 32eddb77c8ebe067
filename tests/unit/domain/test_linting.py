"""What makes an assertion hard to trust, and what a prompt gives away."""

import pytest

from sparring.domain.linting import double_barrelled, facts, given_away, vague


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The agent responds appropriately.", "appropriately"),
        ("The agent is helpful.", "helpful"),
        ("The agent handles the complaint well.", "well"),
        ("The agent asks for details as needed.", "as needed"),
        ("The agent does not offer a refund.", None),
        ("The agent wishes the customer well-being.", None),
        ("The agent names the Goodwin Street branch.", None),
    ],
)
def test_words_that_leave_it_to_the_judge_are_found(sentence, words):
    assert vague(sentence) == words


@pytest.mark.parametrize(
    ("sentence", "second"),
    [
        ("The agent apologises and offers a voucher.", "and offers a voucher"),
        ("The agent should acknowledge the request and confirm it.", "and confirm it"),
        ("The agent refuses, but does not say why.", "but does not say why"),
        ("The agent is polite. The agent gives the price.", "The agent gives the price"),
        ("The agent asks for the name and the address.", None),
        ("The agent asks for names and addresses.", None),
        ("The agent neither books nor recommends a hotel.", None),
        ("The agent says that it will arrive on 3.5. at the latest.", None),
    ],
)
def test_a_second_thing_in_one_assertion_is_found(sentence, second):
    assert double_barrelled(sentence) == second


def test_facts_are_addresses_codes_long_numbers_and_names():
    known = (
        "You are Amelia Sanchez (amelia_sanchez_4739, a.sanchez@example.com); order #W12345, zip 78201, 2 bags."
    )
    assert facts([known, None]) == (
        "Amelia Sanchez",
        "amelia_sanchez_4739",
        "a.sanchez@example.com",
        "W12345",
        "78201",
    )


def test_a_fact_is_given_away_where_the_prompt_holds_it_as_a_word():
    known = ["You are Amelia Sanchez, reservation 4WQ150."]
    assert given_away(known, "The caller is AMELIA SANCHEZ.") == ("Amelia Sanchez",)
    assert given_away(known, "Codes look like 4WQ1500.") == ()
