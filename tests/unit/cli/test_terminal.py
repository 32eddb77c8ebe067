"""What is said on a terminal."""

from sparring.cli.terminal import note


def test_what_somebody_else_wrote_does_not_steer_the_terminal(capsys):
    note("warning: \x1b[2Jone\x07\u202etwo\nnext\tline é 🎉")
    assert capsys.readouterr().err == "warning: \ufffd[2Jone\ufffd\ufffdtwo\nnext\tline é 🎉\n"
