"""A project that asks for no claim notices nothing of the plugin, and one that has claims keeps its other tests."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

HEAVY = ("torch", "matplotlib", "scipy", "numpy", "why_bird.fixtures.options", "why_bird.evidence")
# Its options have the names of ours.
CONFTEST = """
def pytest_addoption(parser):
    for name in ("--device", "--images", "--network", "--register", "--gate", "--checkpoint"):
        parser.addoption(name, default="its own")
"""
TESTS = f"""
import sys
import warnings
import pytest

@pytest.mark.skip
@pytest.mark.claim  # another package's
def test_skipped(): pass

def test_alone(request):
    assert request.config.option.device == "its own"
    assert request.config.pluginmanager.has_plugin("why_bird")
    assert not [name for name in {HEAVY} if name in sys.modules]

def test_warns():
    warnings.warn("not ours to say")
"""


@pytest.fixture
def stranger(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project without claims, whose folder called hypotheses holds something else; this package is installed."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_stranger=TESTS)
    pytester.mkdir("hypotheses").joinpath("test_guess.py").write_text("def test_guess(): pass\n", encoding="utf-8")
    return pytester


def test_nothing_is_loaded_and_no_option_added_where_no_claim_is_asked_for(stranger: pytest.Pytester) -> None:
    stranger.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=3, skipped=1, warnings=1)


def test_nor_in_a_worker(stranger: pytest.Pytester) -> None:
    stranger.runpytest_subprocess("-p", "no:randomly", "-n", "1").assert_outcomes(passed=3, skipped=1, warnings=1)


def test_its_help_is_its_own(stranger: pytest.Pytester) -> None:
    said = stranger.runpytest_subprocess("--help", "test_stranger.py").stdout.str()
    assert "--checkpoint=CHECKPOINT" in said
    assert "ask a neural network why" not in said


def test_testpaths_that_hold_no_claims_ask_for_none(stranger: pytest.Pytester) -> None:
    # A register lies below, but not in what is searched; the pattern that matches nothing is no path.
    stranger.path.joinpath("hypotheses", "register.toml").touch()
    stranger.makeini("[pytest]\ntestpaths = test_*.py nothing*\n")
    stranger.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=2, skipped=1, warnings=1)


def test_where_claims_are_asked_for_a_broken_register_is_said(pytester: pytest.Pytester) -> None:
    pytester.mkdir("hypotheses").joinpath("register.toml").write_text("digest =", encoding="utf-8")
    pytester.path.joinpath("hypotheses", "test_a.py").write_text(
        "import pytest\n"
        "@pytest.mark.claim('Q1', above=0, scope='dataset', source='x')\n"
        "def test_a(judge):\n"
        '    """So it is."""\n',
        encoding="utf-8",
    )
    answer = pytester.runpytest_subprocess("--collect-only")
    assert answer.ret == 4
    assert "is not TOML" in answer.stderr.str()


ITS_OWN = {
    "as pytest says it now": "parser.addoption('--images')",
    "as pytest 9.0 says it": "parser.addoption('--images', dest='folder')",
    "without a value": "parser.addoption('--gate', action='store_true')",
    "of a plugin": "parser.addoption('--quick')",
}


@pytest.mark.parametrize("case", ITS_OWN)
def test_4_an_option_of_ours_that_a_project_has_too(pytester: pytest.Pytester, case: str) -> None:
    pytester.mkdir("hypotheses").joinpath("register.toml").touch()
    adds, is_plugin = f"def pytest_addoption(parser): {ITS_OWN[case]}\n", case == "of a plugin"
    pytester.makepyfile(**{"a_plugin" if is_plugin else "conftest": adds})
    answer = pytester.runpytest_subprocess(*["-p", "a_plugin"] * is_plugin)
    option = adds.split("'")[1]
    assert answer.ret == 4
    assert f"ERROR: {option} is an option of why_bird, and also of a conftest.py" in answer.stderr.str()
    assert "Traceback" not in answer.stderr.str()


def test_another_error_of_a_conftest_is_left_as_it_is(pytester: pytest.Pytester) -> None:
    pytester.mkdir("hypotheses").joinpath("register.toml").touch()
    pytester.makeconftest("def pytest_addoption(parser): raise ValueError('--images: not today')")
    answer = pytester.runpytest_subprocess()
    assert "ValueError: --images: not today" in answer.stderr.str()
    assert "is an option of why_bird" not in answer.stderr.str()


@pytest.fixture
def unregistered(pytester: pytest.Pytester) -> pytest.Pytester:
    """A claim that was written by hand, and not registered."""
    pytester.mkdir("hypotheses").joinpath("test_a.py").write_text(
        "from why_bird.fixtures.asking import claim\n"
        "@claim('Q1', above=0, source='x')\n"
        "def test_a(test_images, judge):\n"
        '    """So it is."""\n',
        encoding="utf-8",
    )
    return pytester


@pytest.mark.parametrize("words", [["hypotheses"], [], ["--strict-markers", "-Werror"]], ids=" ".join)
def test_4_a_claim_that_is_not_registered(unregistered: pytest.Pytester, words: list[str]) -> None:
    answer = unregistered.runpytest_subprocess(*words)
    assert answer.ret == 4
    said = "ERROR: hypotheses/test_a.py::test_a is a claim, and none is judged before it is registered"
    assert said in answer.stderr.str()
    assert "a typo" not in answer.stdout.str()


@pytest.mark.parametrize(
    "words", [["hypotheses", "--images=x"], ["hypothesis", "--checkpoint", "net.pt"]], ids=" ".join
)
def test_4_an_option_for_claims_where_none_are(unregistered: pytest.Pytester, words: list[str]) -> None:
    answer = unregistered.runpytest_subprocess(*words)
    option = words[1].partition("=")[0]
    assert answer.ret == 4
    assert f"ERROR: {option} is for claims, and none is asked for: there is no hypotheses/reg" in answer.stderr.str()
