"""The act with which a conversation began to fail."""

from sparring.domain.divergence import Departure, Divergence, course, first_divergence
from sparring.domain.scenario import Expectations, ExpectedAction
from sparring.domain.transcript import AgentMessage, ToolCall, ToolResult, UserMessage
from sparring.domain.verdict import Check, CheckKind, Evidence, Finding


def said(*turns):
    """A conversation: for each turn of the agent a text, or the tools that it calls."""
    messages = []
    for turn in turns:
        if turn.startswith("call "):
            names = turn.split()[1:]
            calls = tuple(ToolCall(id=name, name=name) for name in names)
            messages.append(AgentMessage(text=None, calls=calls))
            messages.extend(ToolResult(call_id=name, name=name, text="{}") for name in names)
        else:
            messages.extend((UserMessage(text="And?"), AgentMessage(text=turn)))
    return course(messages)


def unmet(kind, subject="", *, message=None, quote="", **changes):
    evidence = () if message is None else (Evidence(message=message, quote=quote),)
    found = {"finding": Finding.NOT_MET, "reason": "It is so.", "evidence": evidence, **changes}
    return Check(kind=kind, subject=subject, **found)


def diverged(failed, *checks, passed=(), expect=None):
    return first_divergence(expect or Expectations(), checks, failed, passed)


def test_a_forbidden_call_is_where_it_was_made():
    check = unmet(CheckKind.FORBIDDEN, "refund with amount > 0", message=2, quote="refund")
    found = diverged(said("Hello.", "call refund"), check)
    assert found == Divergence(departure=Departure.FORBIDDEN, name="refund", message=2)


def test_a_call_that_all_who_passed_made_was_skipped_when_they_made_it():
    passed = [said("Hello.", "call identify", "call cancel"), said("call identify", "call cancel", "Bye.")]
    found = diverged(said("Hello.", "call cancel", "Bye."), passed=passed)
    assert found == Divergence(departure=Departure.SKIPPED, name="identify", message=2)


def test_what_only_some_who_passed_did_is_not_missed():
    passed = [said("Hello.", "call look"), said("Hello.")]
    assert diverged(said("Hello."), passed=passed) is None


def test_an_expected_call_that_was_never_made_was_due_before_those_expected_after_it():
    expect = Expectations(actions=(ExpectedAction(name="identify"), ExpectedAction(name="cancel")))
    check = unmet(CheckKind.ACTION, "identify")
    found = diverged(said("Hello.", "call cancel", "Bye."), check, expect=expect)
    assert found == Divergence(departure=Departure.SKIPPED, name="identify", message=2)


def test_an_expected_call_without_anything_after_it_was_due_at_the_end():
    check = unmet(CheckKind.ACTION, "cancel")
    assert diverged(
        said("Hello.", "Bye."), check, expect=Expectations(actions=(ExpectedAction(name="cancel"),))
    ) == (Divergence(departure=Departure.SKIPPED, name="cancel", message=4))
    assert diverged(course([]), check).message == 0


def test_an_expected_call_with_other_arguments_is_where_it_was_made():
    found = diverged(said("call cancel"), unmet(CheckKind.ACTION, "cancel"))
    assert found == Divergence(departure=Departure.OTHERWISE, name="cancel", message=0)


def test_a_call_that_nobody_who_passed_made_was_not_expected():
    found = diverged(said("Hello.", "call refund"), passed=[said("Hello.")])
    assert found == Divergence(departure=Departure.UNEXPECTED, name="refund", message=2)


def test_a_write_that_was_not_expected_is_where_it_was_made():
    check = unmet(CheckKind.WRITES, "writes: exact", message=2, quote="refund")
    assert diverged(said("Hello.", "call refund"), check).departure is Departure.UNEXPECTED
    assert diverged(said("Hello."), unmet(CheckKind.WRITES, "writes: exact")) is None


def test_words_that_show_it_are_where_they_were_said():
    check = unmet(CheckKind.ASSERTION, "It offers no refund.", message=3, quote="I can refund you")
    found = diverged(said("Hello.", "I can refund you $5."), check, passed=[said("Hello.", "No.")])
    assert found == Divergence(departure=Departure.SAID, name="I can refund you", message=3)


def test_a_call_that_shows_it_was_early_where_others_made_it_later():
    check = unmet(CheckKind.ASSERTION, "It waits for a yes.", message=0, quote="change {}")
    later = said("Is that right?", "call change")
    assert diverged(said("call change"), check, passed=[later]).departure is Departure.EARLY
    assert diverged(said("call change"), check, passed=[said("call change")]).departure is Departure.CALLED
    assert diverged(said("call change"), check, passed=[said("Hello.")]).departure is Departure.UNEXPECTED
    assert diverged(said("call change"), check).departure is Departure.CALLED


def test_the_earliest_act_counts_and_of_two_at_one_place_the_graver():
    words = unmet(CheckKind.ASSERTION, "It is kind.", message=1, quote="Hello.")
    forbidden = unmet(CheckKind.FORBIDDEN, "refund", message=2, quote="refund")
    failed = said("Hello.", "call refund")
    assert diverged(failed, forbidden, words).departure is Departure.SAID
    shown = unmet(CheckKind.ASSERTION, "It refunds nothing.", message=2, quote="refund {}")
    assert diverged(failed, shown, forbidden).departure is Departure.FORBIDDEN


def test_checks_that_were_met_or_do_not_count_say_nothing():
    forbidden = {"message": 2, "quote": "refund"}
    failed = said("Hello.", "call refund")
    assert diverged(failed, unmet(CheckKind.FORBIDDEN, "refund", required=False, **forbidden)) is None
    assert diverged(failed, unmet(CheckKind.FORBIDDEN, "refund", finding=Finding.MET, **forbidden)) is None
    assert diverged(failed, unmet(CheckKind.STATE, "order.status")) is None


def test_what_was_given_is_nothing_that_the_agent_did():
    messages = [AgentMessage(text=None, calls=(ToolCall(id="1", name="old"),)), AgentMessage(text="Hello.")]
    found = course(messages, history=1)
    assert (found.acts, found.turns) == ((), (1,))
