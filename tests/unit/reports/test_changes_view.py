"""What was changed, as a page shows it."""

from sparring.domain.comparison import Side, compare
from sparring.domain.setups import Setup
from sparring.reports.views.changes import MOST, OPEN, facets


def changed(before, after, **others):
    """The changes of an agent's instructions and of whatever else is given."""
    sides = [
        Side(id=name, name=name, created_at=0.0, setup=setup, tallies=())
        for name, setup in (
            ("1", Setup(agent={"instructions": before})),
            ("2", Setup(agent={"instructions": after}, **others)),
        )
    ]
    return facets(compare(*sides))


def lines(change):
    return [(line.sign, line.begins, line.differs, line.ends) for line in change.lines]


def test_what_two_lines_have_in_common_is_told_apart_from_what_differs():
    [agent] = changed("Be kind and brief.\nStay.", "Be kind, plain and brief.\nStay.")
    assert lines(agent.changes[0]) == [
        ("-", "Be kind", "", " and brief."),
        ("+", "Be kind", ", plain", " and brief."),
    ]


def test_lines_that_have_little_in_common_came_and_went_as_wholes():
    [agent] = changed("Speak English at all times.\n", "Never sing. Under no circumstances.\n")
    assert all(line.is_whole for line in agent.changes[0].lines)


def test_a_long_text_is_folded_and_the_longest_are_cut():
    def text(count):
        return "".join(f"Rule {number}\n" for number in range(count))

    [agent] = changed("Stay.\n", "Stay.\n" + text(OPEN))
    assert agent.changes[0].is_open
    [agent] = changed("Stay.\n", "Stay.\n" + text(MOST + 5))
    assert not agent.changes[0].is_open
    assert (len(agent.changes[0].lines), agent.changes[0].more) == (MOST, 5)


def test_a_new_tool_is_told_in_a_word_and_shown_and_who_measures_comes_first():
    found = changed("a", "b", tools={"look": {"description": "Looks."}}, models={"judge": "j"})
    assert [facet.name for facet in found] == ["Who measures", "Agent", "Tools"]
    tool = found[2].changes[0]
    assert (tool.word, lines(tool)) == ("new", [("+", "", "description: Looks.", "")])
