"""What names and files tell."""

import pytest

from gostack_nb.model.naming import comparable_name, go_version_in, is_runtime_internal, is_std, package_of


@pytest.mark.parametrize(
    ("function", "package"),
    [
        ("main.f", "main"),
        ("main.(*T).M", "main"),
        ("net/http.(*conn).serve", "net/http"),
        ("example.com/x/inner%2ev2.Chan.Block", "example.com/x/inner.v2"),
        ("gopkg.in/yaml%2ev3.F.func1", "gopkg.in/yaml.v3"),
        ("main.Map[go.shape.struct { X a/b.T; Y []int }].Do", "main"),
        ("panic", "runtime"),
        ("worker_run", ""),
    ],
)
def test_package(function: str, package: str) -> None:
    assert package_of(function) == package


@pytest.mark.parametrize(
    ("function", "file", "expected"),
    [
        ("net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", True),
        ("net/http.(*conn).serve", "net/http/server.go", True),
        ("net/http.(*conn).serve", "C:/Program Files/Go/src/net/http/server.go", True),
        ("net/http.(*conn).serve", "bazel-out/k8/bin/stdlib%/src/net/http/server.go", True),
        ("sync.runtime_Semacquire", "/usr/local/go/src/runtime/sema.go", True),
        ("panic", "/usr/local/go/src/runtime/panic.go", True),
        ("runtime.gopark", "", True),
        ("main.main", "/srv/app/main.go", False),
        ("github.com/a/b.F", "/home/u/go/pkg/mod/github.com/a/b@v1/f.go", False),
        ("plugin/host.Run", "/home/u/plugin/host/run.go", False),
        ("log.New", "/home/u/app/log/log.go", False),
        ("push/server.Run", "/srv/push/server/run.go", False),
        ("worker_run", "native/worker.c", False),
    ],
)
def test_standard_library(function: str, file: str, *, expected: bool) -> None:
    assert is_std(function, file) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("main.serve.func1", "main.serve.func2"),
        ("main.serve.func1.2", "main.serve.func3.1"),
        ("main.init.0.func1", "main.init.1.func2"),
        ("main.f.gowrap1", "main.f.gowrap2"),
        ("main.(*Box[...]).Map[...]", "main.(*Box[go.shape.int]).Map[go.shape.struct { X []int }]"),
        ("main.All-range1", "main.All-range2"),
        ("runtime.gopanic", "panic"),
    ],
)
def test_names_that_compare_equal(one: str, other: str) -> None:
    assert comparable_name(one) == comparable_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("main.f1", "main.f2"),
        ("main.v1.Run", "main.v2.Run"),
        ("example.com/a2.F", "example.com/a3.F"),
        ("main.f", "main.f.func1"),
    ],
)
def test_names_that_do_not(one: str, other: str) -> None:
    assert comparable_name(one) != comparable_name(other)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("runtime.gopark", True),
        ("internal/runtime/syscall/linux.Syscall6", True),
        ("runtime.Goexit", False),
        ("runtime/pprof.writeGoroutine", False),
        ("main.runtime.f", False),
        ("panic", False),
    ],
)
def test_hidden_runtime_frames(function: str, *, expected: bool) -> None:
    assert is_runtime_internal(function) is expected


@pytest.mark.parametrize(
    ("file", "version"),
    [
        ("/usr/local/go1.22.3/src/net/http/server.go", "go1.22.3"),
        ("/home/u/sdk/go1.24rc1/src/runtime/proc.go", "go1.24rc1"),
        ("/usr/local/go/src/runtime/proc.go", None),
        ("/usr/lib/go-1.19/src/runtime/proc.go", None),
        ("/home/go1.2/app/main.go", None),
    ],
)
def test_version_in_a_path(file: str, version: str | None) -> None:
    assert go_version_in(file) == version


def test_type_arguments_leave_three_dots() -> None:
    assert comparable_name("main.(*Box[go.shape.int]).Each.func2") == "main.(*Box[...]).Each.func"
