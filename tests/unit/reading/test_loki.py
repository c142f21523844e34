from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import gostack_nb as gs
from tests.corpus.files import DUMPS
from tests.unit.imitations import served
from tests.unit.loki_imitation import LokiImitation, Written

SECOND = 1_000_000_000
START = 1_795_424_023 * SECOND  # 2026-11-23T08:53:43Z
WHEN = {"since": "2026-11-23T08:00:00Z", "until": "2026-11-23T12:00:00Z"}
PUSH = {"service_name": "push", "namespace": "prod", "pod": "push-0", "stream": "stderr"}
CRASH = DUMPS / "wrapped" / "signal-stack.ORIGINAL.txt"
CRASHES = [
    DUMPS / "go1.27.3" / "crash" / name
    for name in ("sigquit.txt", "sigquit.crash.txt", "map-writes.all.txt", "panic-deep.txt")
]
STACK = "\n".join(
    [
        "goroutine 7 [chan receive, 3 minutes]:",
        "main.f(0x1)",
        "\t/srv/main.go:9 +0x1d",
        "created by main.g in goroutine 1",
        "\t/srv/main.go:4 +0x2b",
    ]
)


@pytest.fixture
def serve() -> Iterator[object]:
    with ExitStack() as stack:
        yield lambda entries, **options: stack.enter_context(served(LokiImitation(entries, **options)))


def written(text: str, labels: dict[str, str] = PUSH, start: int = START, apart: int = 1000) -> list[Written]:
    return [Written(labels, start + number * apart, line) for number, line in enumerate(text.splitlines())]


@pytest.mark.parametrize("file", [CRASH, *CRASHES], ids=lambda file: file.name)
def test_a_crash_is_the_same_as_from_its_file(serve, file: Path) -> None:
    server = serve(written(file.read_text()), limit=10)
    found, direct = gs.Loki(server.url).read('{pod="push-0"}', **WHEN), gs.read(file)
    assert len(server.pages) > 3
    columns = ["goroutine_id", "state", "stack_id", "created_by", "wait_minutes"]
    assert found.goroutines[columns].astype("str").equals(direct.goroutines[columns].astype("str"))
    (snapshot,) = found.snapshots.to_dict("records")
    assert (snapshot["service"], snapshot["instance"]) == ("push", "push-0")
    assert snapshot["form"] == direct.snapshots["form"].iloc[0]
    head = next(number for number, line in enumerate(file.read_text().splitlines()) if line.startswith("goroutine "))
    assert snapshot["captured_at"].value == START + head * 1000
    assert snapshot["source"].startswith(f'{server.url} {{namespace="prod",pod="push-0"')
    assert len(found.issues) == len(direct.issues)


def test_wrapped_lines_are_unwrapped(serve) -> None:
    log = (DUMPS / "wrapped" / "signal-stack.docker-json-file.log").read_text()
    found = gs.Loki(serve(written(log)).url).read('{pod="push-0"}', **WHEN)
    assert sorted(found.goroutines["goroutine_id"]) == sorted(gs.read(CRASH).goroutines["goroutine_id"])


def test_processes_and_moments_are_told_apart(serve) -> None:
    other = PUSH | {"pod": "push-1"}
    noise = written("served\n" * 300, start=START - 200 * SECOND, apart=SECOND)
    server = serve(
        [
            *noise,
            *written("SIGQUIT: quit\n\n" + STACK, start=START),
            *written(STACK, start=START + 60 * SECOND),
            *written(STACK.replace("7", "8"), labels=other, start=START + 1),
        ]
    )
    found = gs.Loki(server.url).read('{service_name="push"}', **WHEN)
    rows = found.snapshots.sort_values("captured_at")[["instance", "form"]].to_dict("records")
    assert rows == [
        {"instance": "push-1", "form": "debug=2"},
        {"instance": "push-0", "form": "signal"},
        {"instance": "push-0", "form": "debug=2"},
    ]
    seconds = (found.snapshots["captured_at"].astype("int64") // SECOND - START // SECOND).tolist()
    assert sorted(seconds) == [0, 0, 60]
    assert len(found.goroutines) == 3


def test_lines_of_different_levels_are_one_dump(serve) -> None:
    entries = written(STACK)
    for number, entry in enumerate(entries):
        entry.labels = PUSH | {"level": ["error", "info"][number % 2]}
    found = gs.Loki(serve(entries).url).read('{pod="push-0"}', **WHEN)
    assert found.goroutines["user_line"].to_list() == [9]
    assert found.goroutines["created_by"].to_list() == ["main.g"]


def test_outputs_are_of_one_process_and_containers_are_not(serve) -> None:
    labels = [PUSH, PUSH | {"stream": "stdout"}, PUSH | {"pod": "push-1", "container": "app"}]
    labels += [PUSH | {"pod": "push-1", "container": "side"}]
    server = serve([entry for number, one in enumerate(labels) for entry in written(STACK, one, START + number)])
    found = gs.Loki(server.url).read('{namespace="prod"}', **WHEN)
    assert found.snapshots["instance"].to_list() == ["push-0", "push-0", "push-1/app", "push-1/side"]


def test_equal_times_are_said(serve) -> None:
    found = gs.Loki(serve(written(STACK, apart=0)).url).read('{pod="push-0"}', **WHEN)
    (reason,) = found.issues["reason"]
    assert "4 of 5 lines have the time of the line before" in reason


def test_a_line_filter_is_said(serve) -> None:
    found = gs.Loki(serve(written(STACK)).url).read('{pod="push-0"} |= "goroutine"', **WHEN)
    assert found.issues["reason"].str.contains("does more than choose streams").any()


def test_a_lost_line_is_an_issue_of_the_dump(serve) -> None:
    entries = [entry for entry in written(STACK) if "main.go:9" not in entry.line]
    found = gs.Loki(serve(entries).url).read('{pod="push-0"}', **WHEN)
    assert len(found.goroutines) == 1
    assert len(found.issues) == 1


def test_a_whole_dump_in_one_entry(serve) -> None:
    entries = [Written(PUSH, START, "panic: closed\n\n" + STACK), Written(PUSH, START + 1, "after")]
    found = gs.Loki(serve(entries).url).read('{pod="push-0"}', **WHEN)
    assert found.goroutines["user_line"].to_list() == [9]


def test_lines_without_a_dump(serve) -> None:
    with pytest.raises(gs.FormatError, match=r"no goroutine dump in 300 lines of 1 processes\. Hint"):
        gs.Loki(serve(written("served\n" * 300)).url).read('{pod="push-0"}', **WHEN)


def test_no_line_at_all(serve) -> None:
    with pytest.raises(gs.QueryError, match=r"no line at this time\. Hint"):
        gs.Loki(serve([]).url).read('{pod="push-0"}')


def test_times_the_wrong_way_round() -> None:
    with pytest.raises(gs.QueryError, match="is not before"):
        gs.Loki("http://127.0.0.1:1").read('{pod="push-0"}', since="2026-11-23", until="2026-11-22")


def test_the_evidence_is_for_a_recording(serve) -> None:
    (evidence,) = gs.Loki(serve(written(STACK)).url).evidence('{pod="push-0"}', **WHEN)
    assert evidence.body.decode().splitlines() == STACK.splitlines()
    assert (evidence.kind, evidence.service, evidence.instance, evidence.truncated) == ("dump", "push", "push-0", False)
