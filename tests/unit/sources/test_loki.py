from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gostack_nb.errors import QueryError, TooBigError, UnreachableError
from gostack_nb.sources.access import ANYONE, Access
from gostack_nb.sources.loki import Log, LogLimits, loki_at, read_log
from tests.unit.imitations import Reply, served
from tests.unit.loki_imitation import PATH, LokiImitation, Written

START = 1_795_424_023_265_000_000  # 2026-11-23T08:53:43.265Z
END = START + 3_600_000_000_000
PUSH = {"app": "push", "pod": "push-0"}
OTHER = {"app": "push", "pod": "push-1"}

Serve = Callable[..., LokiImitation]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda entries, **options: stack.enter_context(served(LokiImitation(entries, **options)))


def read(server: LokiImitation, query: str = '{app="push"}', access: Access = ANYONE, **limits: int) -> Log:
    return read_log(loki_at(server.url, access), query, START, END, LogLimits(**limits))


def texts(log: Log) -> dict[str | None, list[str]]:
    return {text.process.instance: [line.text for line in text.lines] for text in log.texts}


def test_pages_are_joined_without_loss_or_repetition(serve: Serve) -> None:
    entries = [Written([PUSH, OTHER][number % 2], START + number // 3, f"line {number}") for number in range(100)]
    server = serve(entries)
    found = texts(read(server, page_lines=7))
    assert found == {
        "push-0": [f"line {number}" for number in range(0, 100, 2)],
        "push-1": [f"line {number}" for number in range(1, 100, 2)],
    }
    assert max(server.pages) == 7
    assert len(server.pages) > 100 / 7


@pytest.mark.parametrize("page_lines", [4, 5, 6, 7, 100])
def test_equal_lines_at_an_equal_time_stay_as_many_as_they_are(serve: Serve, page_lines: int) -> None:
    entries = [
        Written(PUSH, START, "a"),
        Written(PUSH, START + 1, "same", {"trace": "1"}),
        Written(PUSH, START + 1, "same", {"trace": "2"}),
        Written(OTHER, START + 1, "same"),
        Written(PUSH, START + 2, "b"),
        Written(PUSH, START + 2, "b", {"trace": "3"}),
        Written(PUSH, START + 3, "same"),
    ]
    log = read(serve(entries), page_lines=page_lines)
    assert texts(log) == {"push-0": ["a", "same", "same", "b", "b", "same"], "push-1": ["same"]}
    assert log.notes == ()


def test_the_end_is_not_included_and_the_start_is(serve: Serve) -> None:
    entries = [Written(PUSH, at, str(at - START)) for at in (START - 1, START, END - 1, END)]
    assert texts(read(serve(entries))) == {"push-0": ["0", str(END - 1 - START)]}


def test_more_lines_at_one_nanosecond_than_a_page_holds(serve: Serve) -> None:
    entries = [Written(PUSH, START + 5, f"line {number}") for number in range(10)]
    log = read(serve([*entries, Written(PUSH, START + 6, "after")]), page_lines=4)
    assert texts(log) == {"push-0": ["line 0", "line 1", "line 2", "line 3", "after"]}
    (note,) = log.notes
    assert "4 lines or more stand at one nanosecond" in note


def test_the_lower_limit_of_a_server_is_taken(serve: Serve) -> None:
    server = serve([Written(PUSH, START + number, str(number)) for number in range(25)], limit=10)
    assert texts(read(server)) == {"push-0": [str(number) for number in range(25)]}
    assert server.pages[0] == 10


def test_lines_of_one_output_are_one_text_whatever_their_level(serve: Serve) -> None:
    entries = [
        Written(PUSH | {"level": "error", "stream": "stderr"}, START + 1, "panic: closed"),
        Written(PUSH | {"level": "info", "stream": "stderr"}, START + 2, "goroutine 1 [running]:"),
        Written(PUSH | {"level": "error", "stream": "stderr"}, START + 3, "main.fail()", {"detected_level": "error"}),
        Written(PUSH | {"level": "info", "stream": "stdout"}, START + 2, "request served"),
    ]
    log = read(serve(entries))
    assert sorted([line.text for line in text.lines] for text in log.texts) == [
        ["panic: closed", "goroutine 1 [running]:", "main.fail()"],
        ["request served"],
    ]


def test_the_process_may_stand_beside_each_line(serve: Serve) -> None:
    entries = [
        Written(
            {"service_name": "push"},
            START + number,
            str(number),
            {"pod": f"push-{number % 2}", "trace_id": str(number)},
        )
        for number in range(4)
    ]
    assert texts(read(serve(entries), '{service_name="push"}')) == {"push-0": ["0", "2"], "push-1": ["1", "3"]}


@pytest.mark.parametrize("limits", [{"lines": 19}, {"characters": 20}])
def test_too_much_is_an_error(serve: Serve, limits: dict[str, int]) -> None:
    server = serve([Written(PUSH, START + number, f"{number:02}") for number in range(25)])
    with pytest.raises(TooBigError, match=r"more than .* lines or .* characters.*Hint: a shorter time"):
        read(server, page_lines=10, **limits)
    assert len(server.pages) <= 3


def test_numbers_are_refused(serve: Serve) -> None:
    with pytest.raises(QueryError, match=r"numbers \(matrix\), not lines\. Hint"):
        read(serve([]), '{app="push"} | count')


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply(401, b"no org id\n", "text/plain"), UnreachableError, r"no org id\)\. Hint: .*X-Scope-OrgID"),
        (Reply(400, b"parse error at line 1, col 6: syntax error", "text/plain"), QueryError, "col 6: syntax error"),
        (Reply(404, b"404 page not found\n", "text/plain"), QueryError, "Hint: give the address of Loki itself"),
        (Reply(500, b"request timed out, decrease the duration", "text/plain"), QueryError, "Hint: ask for a shorter"),
        (Reply(200, b"<html>login</html>", "text/html"), QueryError, "an HTML page, perhaps a login"),
        (Reply(200, b'{"data": {"resultType": "streams", "result": [3]}}'), QueryError, "not an answer of Loki"),
        (Reply(200, b"{}"), QueryError, "not an answer of Loki"),
    ],
)
def test_refusals_are_one_sentence(serve: Serve, reply: Reply, error: type[Exception], words: str) -> None:
    server = serve([])
    server.instead[PATH] = reply
    with pytest.raises(error, match=words) as caught:
        read(server)
    assert "Hint: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_tenant_and_netrc_are_sent(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve([])
    read(server, access=Access(headers={"X-Scope-OrgID": "team-a"}))
    assert server.headers[-1]["x-scope-orgid"] == "team-a"
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    read(server)
    assert server.headers[-1]["authorization"] == "Basic bWU6b3RoZXI="
    assert server.headers[-1]["x-loki-response-encoding-flags"] == "categorize-labels"
