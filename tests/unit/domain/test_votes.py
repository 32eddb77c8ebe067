"""Several judgements made into one, and what a later verdict finds otherwise."""

import pytest

from sparring.domain.outcomes import Outcome
from sparring.domain.rejudgement import flips
from sparring.domain.verdict import Check, CheckKind, Finding, Verdict
from sparring.domain.votes import majority, told
from sparring.testing import assessed

MET, NOT_MET, OPEN = Finding.MET, Finding.NOT_MET, Finding.INCONCLUSIVE


def voted(*findings):
    """The assessment that comes of votes on one assertion, their reasons being first, second, third."""
    reasons = ("first", "second", "third", "fourth", "fifth")
    votes = [(assessed(found, reason),) for found, reason in zip(findings, reasons, strict=False)]
    (agreed,), (split,) = majority(votes)
    return agreed, split


@pytest.mark.parametrize(
    ("findings", "finding", "reason"),
    [
        ([MET], MET, "first"),
        ([MET, MET, MET], MET, "first"),
        ([NOT_MET, MET, MET], MET, "second (Votes: 2 met, 1 not met.)"),
        ([OPEN, NOT_MET, NOT_MET], NOT_MET, "second (Votes: 2 not met, 1 inconclusive.)"),
        ([MET, NOT_MET], OPEN, "No majority (1 met, 1 not met). first second"),
        ([MET, NOT_MET, OPEN], OPEN, "No majority (1 met, 1 not met, 1 inconclusive). first second third"),
        ([MET, MET, NOT_MET, NOT_MET], OPEN, "No majority (2 met, 2 not met). first second third fourth"),
        ([NOT_MET, NOT_MET, MET, MET, MET], MET, "third (Votes: 3 met, 2 not met.)"),
    ],
)
def test_what_more_than_half_of_the_votes_found_stands_with_the_split_told(findings, finding, reason):
    agreed, split = voted(*findings)
    assert (agreed.finding, agreed.reason) == (finding, reason)
    assert split == {found: findings.count(found) for found in findings}


def test_the_evidence_is_that_of_the_vote_whose_words_stand():
    votes = [
        (assessed(NOT_MET, "no"),),
        (assessed(MET, "yes", (2, "here")),),
        (assessed(MET, "too", (4, "there")),),
    ]
    (agreed,), _ = majority(votes)
    assert [(found.message, found.quote) for found in agreed.evidence] == [(2, "here")]


def test_each_assertion_is_voted_on_by_itself():
    votes = [
        (assessed(MET), assessed(NOT_MET)),
        (assessed(MET), assessed(MET)),
        (assessed(NOT_MET), assessed(MET)),
    ]
    agreed, splits = majority(votes)
    assert [found.finding for found in agreed] == [MET, MET]
    assert [told(split) for split in splits] == ["2 met, 1 not met", "2 met, 1 not met"]


def test_without_assertions_there_is_nothing_to_vote_on():
    assert majority([(), ()]) == ((), ())


def check(subject, finding, *, kind=CheckKind.ASSERTION, reason="", index=0):
    return Check(kind=kind, subject=subject, finding=finding, reason=reason, index=index)


def verdict(*checks):
    return Verdict(outcome=Outcome.PASSED, reward=1.0, breakdown={}, checks=checks)


def told_flips(before, after):
    return [(flip.subject, flip.was, flip.now, flip.reason) for flip in flips(before, after)]


def test_only_what_was_found_otherwise_flipped():
    before = verdict(check("It looks.", MET, reason="It did."), check("It is kind.", NOT_MET))
    after = verdict(check("It looks.", NOT_MET, reason="It did not."), check("It is kind.", NOT_MET))
    assert told_flips(before, after) == [("It looks.", MET, NOT_MET, "It did not.")]
    assert flips(before, before) == ()


def test_checks_are_the_same_by_their_words_and_kind_wherever_they_stand():
    before = verdict(check("A", MET), check("B", NOT_MET), check("pay", MET, kind=CheckKind.ACTION))
    after = verdict(check("pay", MET, kind=CheckKind.ACTION), check("B", NOT_MET), check("A", MET))
    assert flips(before, after) == ()


def test_what_was_not_checked_before_and_what_is_not_any_more_flipped_too():
    before, after = verdict(check("Old", NOT_MET, reason="It did not.")), verdict(check("New", MET, reason="Yes."))
    assert told_flips(before, after) == [("New", None, MET, "Yes."), ("Old", NOT_MET, None, "It did not.")]


def test_the_same_words_twice_are_paired_in_order():
    before = verdict(check("Said: x", MET), check("Said: x", NOT_MET, index=1))
    after = verdict(check("Said: x", MET), check("Said: x", MET, index=1))
    assert [(flip.was, flip.index) for flip in flips(before, after)] == [(NOT_MET, 1)]


def test_a_trial_that_had_no_verdict_or_gets_none_flips_each_check():
    one = verdict(check("A", MET))
    assert told_flips(None, one) == [("A", None, MET, "")]
    assert told_flips(one, None) == [("A", MET, None, "")]
    assert flips(None, None) == ()
