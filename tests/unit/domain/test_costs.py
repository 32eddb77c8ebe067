"""Money by role."""

from sparring.domain.costs import add_costs, costs_by_role, known, less_costs, mean, reaches
from sparring.domain.transcript import AgentMessage, Generation, UserMessage


def made(cost):
    return Generation(provider="p", model="m", cost=cost)


def test_costs_are_summed_by_role_and_unknown_as_soon_as_one_is():
    said = [
        UserMessage(text="a", generation=made(0.5)),
        AgentMessage(text="b", generation=made(1.0)),
        AgentMessage(text="c"),
        UserMessage(text="d", generation=made(None)),
    ]
    assert costs_by_role(said, [made(0.25)]) == {"agent": 1.0, "user": None, "judge": 0.25}
    assert add_costs({"user": 1.0, "agent": None}, {"user": 2.0}) == {"user": 3.0, "agent": None}


def test_a_part_is_taken_out_again_without_dust():
    both = add_costs({"agent": 0.1, "judge": 0.7}, {"agent": 0.2})
    assert less_costs(both, {"agent": 0.2}) == {"agent": 0.1, "judge": 0.7}
    assert less_costs({"agent": 0.3}, {"agent": 0.1 + 0.2}) == {"agent": 0.0}


def test_what_is_not_known_is_left_unless_it_was_the_part():
    assert less_costs({"agent": None, "judge": None}, {"agent": None, "judge": 0.0}) == {
        "agent": 0.0,
        "judge": None,
    }


def test_a_budget_is_reached_however_its_parts_add_up():
    assert reaches(0.1 + 0.7, 0.8)
    assert not reaches(0.79999, 0.8)


def test_only_what_is_known_is_counted():
    assert known({"agent": 1.0, "user": None, "judge": 0.5}) == 1.5
    assert known({}) == 0


def test_sums_and_means_are_told_as_a_person_would_add_them():
    assert add_costs({"agent": 0.1}, {"agent": 0.2}) == {"agent": 0.3}
    assert known({"agent": 0.1, "user": 0.2, "judge": None}) == 0.3
    assert mean([0.1, 0.2]) == 0.15
    assert (mean([0.1, None]), mean([])) == (None, None)
