"""What in texts of dumps tells about people and machines: home folders, hosts, the folders of a build."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

GOROOT, MODULE_CACHE = "GOROOT", "GOMODCACHE"

PUBLIC_HOSTS = frozenset(
    {
        "bitbucket.org",
        "cel.dev",
        "cloud.google.com",
        "example.com",
        "filippo.io",
        "git.sr.ht",
        "github.com",
        "gitlab.com",
        "go.etcd.io",
        "go.mongodb.org",
        "go.opencensus.io",
        "go.opentelemetry.io",
        "go.uber.org",
        "go.yaml.in",
        "gocloud.dev",
        "golang.org",
        "gonum.org",
        "google.golang.org",
        "gopkg.in",
        "gorm.io",
        "honnef.co",
        "istio.io",
        "k8s.io",
        "knative.dev",
        "modernc.org",
        "nhooyr.io",
        "oras.land",
        "rsc.io",
        "sigs.k8s.io",
    }
)
"""Hosts of import paths that everybody uses: they tell nothing. Any other may be a company's own."""

LEAST_NAME = 4
"""Characters of a machine's name that is replaced wherever it occurs; shorter ones would hit other words."""

_HOME = re.compile(r"(?P<before>/(?:home|Users)/|[A-Za-z]:[\\/]Users[\\/])(?P<user>[^/\\\s:]+)")
_IPV4 = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
_IPV6 = r"\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?\]|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\w:])"
_ADDRESS = re.compile(f"{_IPV4}|{_IPV6}")
_URL_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?P<host>\[[^\]]*\]|[^/:?#\s!@]+)", re.IGNORECASE)
_PORT = re.compile(r"^(?P<host>.*?)(?P<port>:\d{1,5})?$", re.DOTALL)
_CACHE = re.compile(r"^(?P<root>.*?[/\\]pkg[/\\]mod)[/\\]")
_SOURCES = re.compile(r"[/\\]src[/\\](?!.*[/\\]src[/\\]).*$")
_ROOTED = re.compile(r"^(?:/|[A-Za-z]:[/\\])")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|0\.0\.0\.0|\[?::\]?")


@dataclass(frozen=True, slots=True)
class Found:
    """Values and their placeholders; longer ones are replaced first."""

    roots: Mapping[str, str]
    users: Mapping[str, str]
    hosts: Mapping[str, str]
    _host: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        literal = sorted((name for name in self.hosts if len(name) >= LEAST_NAME), key=len, reverse=True)
        names = "|".join(map(re.escape, literal))
        object.__setattr__(self, "_host", re.compile(rf"(?<![\w.])(?:{names})(?!\w)") if literal else None)

    def in_path(self, text: str) -> str:
        """Replace the build's folder, the user's name and hosts."""
        root = next((root for root in sorted(self.roots, key=len, reverse=True) if _is_below(text, root)), None)
        if root is not None:
            text = self.roots[root] + text[len(root) :]
        text = _HOME.sub(lambda match: match["before"] + self.users.get(match["user"], match["user"]), text)
        return self._without_hosts(text)

    def in_function(self, text: str) -> str:
        """Replace the host of a private import path."""
        return self._without_hosts(text)

    def in_name(self, text: str) -> str:
        """Replace the host in the name of an instance; its port stays."""
        host, port = _split_port(text)
        return self.hosts[host] + port if host in self.hosts else self._without_hosts(text)

    def _without_hosts(self, text: str) -> str:
        return self._host.sub(lambda match: self.hosts[match[0]], text) if self._host else text


def users_in_paths(texts: Iterable[str]) -> set[str]:
    r"""Return the names of users in home folders.

    >>> sorted(users_in_paths(["/home/ada/x.go", "/Users/bob/y.go", "C:\\Users\\eve\\z.go", "/srv/home.go"]))
    ['ada', 'bob', 'eve']
    """
    return {match["user"] for text in texts for match in _HOME.finditer(text)}


def hosts_in_names(instances: Iterable[str]) -> set[str]:
    """Return the machines that instances are named after, without ports; this machine's own loopback is none.

    >>> sorted(hosts_in_names(["10.0.0.7:6060", "push-7d9f", "localhost:6060"]))
    ['10.0.0.7', 'push-7d9f']
    """
    return {host for host, _ in map(_split_port, instances) if host and not _LOOPBACK.fullmatch(host)}


def hosts_in_text(texts: Iterable[str]) -> set[str]:
    """Return the network addresses, and the hosts of URLs, in any text.

    >>> sorted(hosts_in_text(["http://push.corp:6060/debug/pprof", "dial 10.1.2.3:80", "version 1.2.3"]))
    ['10.1.2.3', 'push.corp']
    """
    found = {match[0] for text in texts for match in _ADDRESS.finditer(text)}
    found |= {match["host"] for text in texts for match in _URL_HOST.finditer(text)}
    return {host for host in found if not _LOOPBACK.fullmatch(host)}


def hosts_in_packages(packages: Iterable[str]) -> set[str]:
    """Return the hosts of import paths that are not everybody's.

    >>> hosts_in_packages(["net/http", "github.com/acme/x", "git.acme.example/push/hub"])
    {'git.acme.example'}
    """
    firsts = {package.split("/", 1)[0] for package in packages if "/" in package}
    return {first for first in firsts if "." in first and first not in PUBLIC_HOSTS}


def build_roots(stacks: pd.DataFrame) -> dict[str, str]:
    """Return the folders that files of the stacks lie in, each with its placeholder.

    The end of a path that the package's name repeats stays, and so does the file's name.

    Parameters
    ----------
    stacks : DataFrame
        Needs `package`, `file` and `is_std`.

    Returns
    -------
    dict of str to str
        Folder -> `GOROOT`, `GOMODCACHE`, `build-1` ...
    """
    rows = stacks[["package", "file", "is_std"]].astype("object").drop_duplicates().dropna(subset="file")
    roots: dict[str, str] = {}
    own: set[str] = set()
    for package, file, std in rows.itertuples(index=False, name=None):
        cache = _CACHE.match(file)
        if not _ROOTED.match(file):
            continue
        if cache:
            roots[cache["root"]] = MODULE_CACHE
        elif std is True:
            roots[_SOURCES.sub("", file)] = GOROOT
        else:
            own.add(_outside(package, file))
    own = {root for root in own - set(roots) if root not in {"", "/"}}
    outermost = sorted(root for root in own if not any(root != other and _is_below(root, other) for other in own))
    return roots | {root: f"build-{number}" for number, root in enumerate(outermost, start=1)}


def _outside(package: object, file: str) -> str:
    """Return the folder of a file without the end that repeats the package's path."""
    folders = file.replace("\\", "/").split("/")[:-1]
    elements = package.split("/") if isinstance(package, str) else []
    shared = 0
    while shared < min(len(folders), len(elements)) and folders[-1 - shared] == elements[-1 - shared]:
        shared += 1
    return file[: len("/".join(folders[: len(folders) - shared]))]


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder) and path[len(folder) : len(folder) + 1] in {"", "/", "\\"}


def _split_port(name: str) -> tuple[str, str]:
    match = _PORT.match(name)
    return (match["host"], match["port"] or "") if match else (name, "")
