"""What the scripts share: the reporter and error handling."""

import pytest

from scripts.console import ConsoleReporter


def test_the_default_total_includes_what_was_done_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(ConsoleReporter().track("ab", "features of val", done=3)) == ["a", "b"]
    printed = capsys.readouterr().out
    assert printed.startswith("features of val: 2 images in ")
    assert printed.endswith(", 3 reused\n")
