"""How many requests are in flight to one model."""

from sparring.adapters.models.limits import Window


def answer_a_round(window: Window) -> None:
    cuts = window.cuts
    for _ in range(window.size):
        window.good(cuts)


def test_the_window_reaches_a_hundred_from_eight_within_five_rounds() -> None:
    window = Window(initial=8, maximum=100)
    sizes = [window.size]
    for _ in range(5):
        answer_a_round(window)
        sizes.append(window.size)
    assert sizes == [8, 16, 32, 64, 100, 100]


def test_the_window_doubles_only_when_the_round_is_complete() -> None:
    window = Window(initial=8, maximum=100)
    for _ in range(7):
        window.good(window.cuts)
    assert window.size == 8
    window.good(window.cuts)
    assert window.size == 16


def test_a_configured_limit_below_the_start_is_kept_from_the_start() -> None:
    window = Window(initial=8, maximum=3)
    answer_a_round(window)
    assert window.size == 3


def test_a_burst_of_429s_from_one_round_halves_once() -> None:
    window = Window(initial=64, maximum=100)
    sent_at = window.cuts
    for _ in range(64):
        window.throttled(sent_at)
    assert window.size == 32


def test_a_429_of_the_next_round_halves_again() -> None:
    window = Window(initial=64, maximum=100)
    window.throttled(window.cuts)
    window.throttled(window.cuts)
    assert window.size == 16


def test_good_answers_from_before_a_cut_do_not_undo_it() -> None:
    window = Window(initial=64, maximum=100)
    before = window.cuts
    window.throttled(before)
    for _ in range(63):
        window.good(before)
    assert window.size == 32


def test_the_window_never_closes() -> None:
    window = Window(initial=2, maximum=100)
    for _ in range(5):
        window.throttled(window.cuts)
    assert window.size == 1


def test_a_window_that_begins_again_lets_one_request_in_and_forgets_its_round() -> None:
    window = Window(initial=64, maximum=100)
    before = window.cuts
    window.restart()
    window.good(before)
    assert window.size == 1
    window.good(window.cuts)
    assert window.size == 2
