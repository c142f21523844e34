"""What a function's name and file tell: its package, whether it is Go's own, how it compares."""

import re
from functools import lru_cache

# Top-level directories of the standard library, `go list std` of go1.21 to go1.27, and `vendor`: its x/ packages.
STD_ROOTS = frozenset(
    """
    archive bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar flag
    fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices
    sort strconv strings structs sync syscall testing text time unicode unique unsafe uuid vendor weak
    """.split()  # noqa: SIM905 - forty quoted words read worse
)
_SOURCE_ROOT = re.compile(r"(?:^|/src/)(?P<root>[^/]+)/(?!.*/src/)")
_GO_VERSION = re.compile(
    r"(?:^|[/@-])(?P<version>go1\.\d{1,3}(?:\.\d{1,3}|rc\d+|beta\d+)?)(?:[./-][^/]*)?/(?:.*/)?src/"
)
_CLOSURE_NUMBERS = re.compile(
    r"(?<=\.)(?:func|gowrap|deferwrap|init)[.\d]*\d(?=\.|-|$)|(?<=-range)\d+|(?<=\.)\d+(?=\.|-|$)"
)
_WRAPPER = re.compile(r"\.(?:gowrap|deferwrap)\d+$|-fm$")

PARKING = frozenset({"runtime.gopark", "runtime.goparkunlock", "runtime.goexit", "runtime.main", "runtime.mcall"})
"""Frames that every parked goroutine has: they tell nothing about it."""


def without_type_arguments(function: str) -> str:
    """Replace each balanced `[...]` group by `[...]`, so that debug=0 compares with the text forms.

    >>> without_type_arguments("main.Map[go.shape.struct { X []int },go.shape.int].Get")
    'main.Map[...].Get'
    """
    if "[" not in function:
        return function
    parts: list[str] = []
    depth = 0
    for character in function:
        depth -= character == "]" and depth > 0
        if depth == 0:
            parts.append("..." if character == "]" else "")
            parts.append(character)
        depth += character == "["
    return "".join(parts)


@lru_cache(maxsize=1 << 16)
def package_of(function: str) -> str:
    """Return the import path of a function's package: up to the first dot after the last slash.

    >>> package_of("example.com/x/inner%2ev2.(*Box[...]).Each.func1")
    'example.com/x/inner.v2'
    """
    name = without_type_arguments(function)
    slash = name.rfind("/") + 1
    dot = name.find(".", slash)
    if dot < 0:
        return "runtime" if name == "panic" else ""
    return name[:slash] + name[slash:dot].replace("%2e", ".")


@lru_cache(maxsize=1 << 16)
def is_std(function: str, file: str) -> bool:
    """Whether a frame belongs to the Go standard library or runtime.

    The package's first element must be one of Go's and, where the file is known, so must the directory below `src/`
    (or the first one, with -trimpath): a user's module may be called `log` or `plugin` too.
    """
    package = package_of(function)
    if package.split("/", 1)[0] not in STD_ROOTS:
        return False
    found = _SOURCE_ROOT.search(file)
    return found is None or found["root"] in STD_ROOTS or file.startswith("<")


def is_runtime_internal(function: str) -> bool:
    """Whether Go hides the frame outside of crash dumps: runtime functions that are not exported.

    Source: runtime/traceback.go showfuncinfo and isExportedRuntime, go1.27; internal/runtime since go1.24.
    """
    if function.startswith("internal/runtime/"):
        return True
    return function.startswith("runtime.") and not function[8:9].isupper()


@lru_cache(maxsize=1 << 16)
def comparable_name(function: str) -> str:
    """Return the function without what changes from build to build: type arguments, numbers of closures.

    >>> comparable_name("main.serve.func2.1"), comparable_name("main.(*Box[int]).Each-range3")
    ('main.serve.func', 'main.(*Box[...]).Each-range')
    """
    name = without_type_arguments(function)
    name = "panic" if name == "runtime.gopanic" else name
    head, slash, tail = name.rpartition("/")
    tail = _CLOSURE_NUMBERS.sub(lambda found: found[0].rstrip("0123456789."), tail)
    while ".." in tail or tail.endswith("."):
        tail = tail.replace("..", ".").rstrip(".")
    return head + slash + tail


def is_wrapper(function: str) -> bool:
    """Whether the compiler made the function to start another one: `gowrap1`, `deferwrap1`, a method value."""
    return _WRAPPER.search(function) is not None


def go_version_in(file: str) -> str | None:
    """Return the Go version that a path of the standard library names, if it does.

    >>> go_version_in("/home/u/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.1.linux-amd64/src/runtime/proc.go")
    'go1.22.1'
    """
    found = _GO_VERSION.search(file)
    return found["version"] if found else None
