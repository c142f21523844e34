"""Tests that need something absent are skipped in words, and fail where they must run."""

import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
INI = "[pytest]\nmarkers =\n  browser: x\n  live: x\n"
MARKED = "import pytest\n@pytest.mark.browser\ndef test_page(): pass\n@pytest.mark.live\ndef test_go(): pass\n"
SKIPS_ITSELF = "import pytest\n@pytest.mark.live\ndef test_go(): pytest.skip('no port')\n"
SKIPS_MODULE = "import pytest\npytest.skip('no such module', allow_module_level=True)\n"


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A machine without Chromium and Go, and without demands."""
    monkeypatch.setenv("PATH", str(pytester.mkdir("empty")))
    monkeypatch.setattr(sys, "executable", str(pytester.path / "empty" / "python"))
    monkeypatch.delenv("GOSTACK_NB_REQUIRE", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others' plugins cost a second each time
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST.read_text())
    return pytester


def put_go(machine: pytest.Pytester) -> None:
    go = machine.path / "empty" / "go"
    go.write_text("#!/bin/sh\n")
    go.chmod(0o755)


def test_what_is_absent_is_said_in_words(bare: pytest.Pytester) -> None:
    bare.makepyfile(MARKED)
    result = bare.runpytest()
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*did not run here*", "1 x no Chromium here. Get it: apt-get *"])


def test_a_required_test_fails_where_its_need_is_absent(bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSTACK_NB_REQUIRE", "live")
    bare.makepyfile(MARKED)
    result = bare.runpytest()
    result.assert_outcomes(errors=1, skipped=1)
    result.stdout.fnmatch_lines(["*live tests must run here: no Go here. *"])


def test_a_required_test_may_not_skip_itself(bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSTACK_NB_REQUIRE", "live")
    put_go(bare)
    bare.makepyfile(SKIPS_ITSELF)
    result = bare.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*live tests must run here: no port"])


def test_a_module_may_not_skip_itself_where_tests_must_run(
    bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.makepyfile(SKIPS_MODULE)
    bare.runpytest().assert_outcomes(skipped=1)
    monkeypatch.setenv("GOSTACK_NB_REQUIRE", "live")
    bare.runpytest().assert_outcomes(errors=1)


def test_an_unknown_demand_is_an_error(bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSTACK_NB_REQUIRE", "bowser")
    assert bare.runpytest().ret == pytest.ExitCode.USAGE_ERROR


def test_what_is_there_runs(bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSTACK_NB_REQUIRE", "live")
    put_go(bare)
    bare.makepyfile("import pytest\n@pytest.mark.live\ndef test_go(go): assert go\n")
    bare.runpytest().assert_outcomes(passed=1)
