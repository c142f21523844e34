"""What in texts of dumps tells about people and machines: home folders, hosts, the folders of a build."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote

import pandas as pd

GOROOT, MODULE_CACHE = "GOROOT", "GOMODCACHE"

PUBLIC_HOSTS = frozenset(
    {
        "bitbucket.org",
        "cel.dev",
        "cloud.google.com",
        "codeberg.org",
        "connectrpc.com",
        "cuelang.org",
        "dario.cat",
        "entgo.io",
        "example.com",
        "filippo.io",
        "git.sr.ht",
        "github.com",
        "gitlab.com",
        "go.etcd.io",
        "go.mongodb.org",
        "go.opencensus.io",
        "go.opentelemetry.io",
        "go.temporal.io",
        "go.uber.org",
        "go.yaml.in",
        "go4.org",
        "gocloud.dev",
        "golang.org",
        "gonum.org",
        "google.golang.org",
        "gopkg.in",
        "gorm.io",
        "gotest.tools",
        "gvisor.dev",
        "helm.sh",
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
"""Characters of a name that is replaced beside `_` and `-` too; a shorter one only where it stands alone."""

_HOME_BASE = r"/(?:home|Users)/|[A-Za-z]:[\\/](?i:users|documents and settings)[\\/]"
# The folder of all homes tells nothing, and as a build's folder it would hide that a name follows.
_BASE = re.compile(r"/(?:home|Users)|[A-Za-z]:[\\/](?i:users|documents and settings)")
_WORD = r"[^/\\\s:]+"
# A name with spaces only where the path goes on: in a sentence the words after it are none of it.
_HOME = re.compile(rf"(?P<before>{_HOME_BASE})(?P<user>{_WORD}(?: {_WORD}){{0,3}}(?=[/\\])|{_WORD})")
_IPV4 = re.compile(r"(?<![0-9A-Za-z.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9A-Za-z]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]*+:[0-9A-Fa-f]*+:[0-9A-Fa-f:.]*(?:%[\w.-]+)?(?![\w:])")
_URL_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/\s@]*@)?(?P<host>\[[^\]]*\]|[^/:?#\s!@]+)", re.IGNORECASE)
_SHARE = re.compile(r"(?:^|\s)\\\\(?P<host>[^\\/\s]+)\\")
# {namespace="prod",pod="push-0"}: sources of profilers and logs name their series so.
_SELECTED = re.compile(r'[\w.]+="(?P<value>(?:[^"\\]|\\.)+)"')
_PORT = re.compile(r"^(?P<host>\[[^\]]*\]|[^:]*)(?P<port>:\d{1,5})$", re.DOTALL)
_CACHE = re.compile(r"^(?P<root>.*?[/\\]pkg[/\\]mod)[/\\]")
_SOURCES = re.compile(r"[/\\]src[/\\](?!.*[/\\]src[/\\]).*$")
_ROOTED = re.compile(r"^(?:/|[A-Za-z]:[/\\])")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0|::")
_DOTTED = r"[A-Za-z0-9-]+(?:(?:\.|%2e)[A-Za-z0-9-]+)+"
# The compiler writes a dot of a path's last element as %2e (cmd/internal/objabi, PathToPrefix).
_IMPORTED = re.compile(rf"(?<![\w./%-])(?P<host>{_DOTTED})/")
_ROOT_PACKAGE = re.compile(rf"^{_DOTTED}$")
_IMPORTED_FILE = re.compile(rf"(?:^|[/\\](?:mod|vendor|src)[/\\])(?P<host>{_DOTTED})[/\\]")


@dataclass(frozen=True, slots=True)
class Found:
    """Values and their placeholders; longer ones are replaced first."""

    roots: Mapping[str, str]
    users: Mapping[str, str]
    hosts: Mapping[str, str]
    imports: Collection[str]
    _root: re.Pattern[str] = field(init=False)
    _host: re.Pattern[str] = field(init=False)
    _import: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        long = [name for name in self.hosts if len(name) >= LEAST_NAME]
        short = [name for name in self.hosts if len(name) < LEAST_NAME]
        anywhere = rf"(?<![0-9A-Za-z.]){_any(long)}(?![0-9A-Za-z])|(?<![\w.-]){_any(short)}(?![\w-])"
        object.__setattr__(self, "_root", re.compile(rf"(?<![\w.-]){_any(self.roots)}(?=[/\\]|$)"))
        object.__setattr__(self, "_host", re.compile(anywhere))
        imported = {text for name in self.imports if name in self.hosts for text in (name, name.replace(".", "%2e"))}
        object.__setattr__(self, "_import", re.compile(rf"(?<![\w.-]){_any(imported)}(?![\w-])"))

    def in_file(self, text: str) -> str:
        """Replace the build's folder, the user's name and the hosts of import paths."""
        return self.in_function(self._without_homes(self._root.sub(self._of(self.roots), text)))

    def in_source(self, text: str) -> str:
        """Replace in a path, an address or a sentence all that is known."""
        return self._host.sub(self._of(self.hosts), self._without_homes(self._root.sub(self._of(self.roots), text)))

    def in_function(self, text: str) -> str:
        """Replace the host of a private import path."""
        return self._import.sub(lambda match: self.hosts[unquote(match[0])], text)

    def in_instance(self, text: str) -> str:
        """Replace the name of a machine; its port stays.

        >>> Found({}, {}, {"10.0.0.7": "host-1", "prod": "host-2"}, ()).in_instance("prod/10.0.0.7:6060")
        'host-2/host-1:6060'
        """
        return "/".join(self._machine(part) for part in text.split("/"))

    def in_service(self, text: str) -> str:
        """Replace a host in the name of a service."""
        return self._host.sub(self._of(self.hosts), text)

    def _machine(self, text: str) -> str:
        name = split_port(text)[0].strip("[]")
        return text.replace(name, self.hosts[name], 1) if name in self.hosts else self.in_service(text)

    def _without_homes(self, text: str) -> str:
        return _HOME.sub(lambda match: match["before"] + self.users.get(match["user"], match["user"]), text)

    @staticmethod
    def _of(placeholders: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
        return lambda match: placeholders[match[0]]


def _any(names: Iterable[str]) -> str:
    """Return a pattern of any of these texts, the longest first; without any, one that is found nowhere."""
    literal = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return f"(?:{literal})" if literal else r"(?!)"


def users_in_paths(texts: Iterable[str]) -> set[str]:
    r"""Return the names of users in home folders.

    >>> sorted(users_in_paths(["/home/ada/x.go", "/Users/bob/y.go", "C:\\Users\\Eve May\\z.go", "/srv/home.go"]))
    ['Eve May', 'ada', 'bob']
    """
    return {match["user"] for text in texts for match in _HOME.finditer(text)}


def hosts_in_instances(instances: Iterable[str]) -> set[str]:
    """Return the machines that instances are named after, without ports; this machine's own loopback is none.

    Pods, namespaces and containers count as machines; a number alone, such as a process id, tells nothing.

    >>> sorted(hosts_in_instances(["10.0.0.7:6060", "prod/push-7d9f", "localhost:6060", "fe80::1", "17"]))
    ['10.0.0.7', 'fe80::1', 'prod', 'push-7d9f']
    """
    parts = {part for instance in instances for part in instance.split("/")}
    return _machines(host for host, _ in map(split_port, parts))


def hosts_in_text(texts: Iterable[str]) -> set[str]:
    """Return the network addresses, the hosts of URLs and shares, and the values of selectors, in any text.

    >>> sorted(hosts_in_text(["http://push.corp:6060/debug/pprof", "dial 10.1.2.3:80", "version 1.2.3"]))
    ['10.1.2.3', 'push.corp']
    >>> sorted(hosts_in_text(['http://logs {namespace="prod",pod="push-0"} 08:54:30', "from fe80::1%eth0"]))
    ['fe80::1%eth0', 'logs', 'prod', 'push-0']
    """
    found: set[str] = set()
    for text in texts:
        found |= {match[0] for match in _IPV4.finditer(text)}
        found |= {match[0] for match in _IPV6.finditer(text) if _is_ipv6(match[0])}
        found |= {match["host"] for pattern in (_URL_HOST, _SHARE) for match in pattern.finditer(text)}
        found |= {match["value"] for match in _SELECTED.finditer(text)}
    return _machines(found)


def _machines(names: Iterable[str]) -> set[str]:
    plain = {name.strip("[]") for name in names}
    return {name for name in plain if name and not name.isdecimal() and not _LOOPBACK.fullmatch(name)}


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == _SIX
    except ValueError:
        return False


_SIX = 6


def hosts_in_imports(packages: Iterable[str], functions: Iterable[str], files: Iterable[str]) -> set[str]:
    """Return the hosts of import paths that are not everybody's.

    Parameters
    ----------
    packages, functions, files : iterable of str
        As a dump prints them. A type argument and a file of the module cache name a package, too.

    Returns
    -------
    set of str

    Examples
    --------
    >>> sorted(hosts_in_imports(["net/http", "github.com/acme/x"], ["main.F[git.acme.example/push.T]"], []))
    ['git.acme.example']
    """
    found = {match["host"] for text in [*packages, *functions] for match in _IMPORTED.finditer(text)}
    found |= {match[0] for text in packages if (match := _ROOT_PACKAGE.match(text))}
    found |= {match["host"] for text in files for match in _IMPORTED_FILE.finditer(text)}
    return {unquote(host) for host in found} - PUBLIC_HOSTS


def build_roots(stacks: Sequence[pd.DataFrame]) -> dict[str, str]:
    """Return the folders that files of the stacks lie in, each with its placeholder.

    The end of a path that the package's name repeats stays, and so does the file's name.

    Parameters
    ----------
    stacks : sequence of DataFrame
        Each needs `package`, `file` and `is_std`.

    Returns
    -------
    dict of str to str
        Folder -> `GOROOT`, `GOMODCACHE`, `build-1` ...
    """
    told = (table[["package", "file", "is_std"]].astype("object").dropna(subset="file") for table in stacks)
    rows = dict.fromkeys(row for table in told for row in table.itertuples(index=False, name=None))
    roots: dict[str, str] = {}
    own: set[str] = set()
    for package, file, std in rows:
        cache = _CACHE.match(file)
        if not _ROOTED.match(file):
            continue
        if cache:
            roots[cache["root"]] = MODULE_CACHE
        elif std is True:
            roots[_SOURCES.sub("", file)] = GOROOT
        else:
            own.add(_outside(package, file))
    own = {root for root in own - set(roots) if root not in {"", "/"} and not _BASE.fullmatch(root)}
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


def split_port(name: str) -> tuple[str, str]:
    """Split the port off the name of a machine.

    >>> split_port("push:6060"), split_port("[fe80::1]:80"), split_port("fe80::1")
    (('push', ':6060'), ('[fe80::1]', ':80'), ('fe80::1', ''))
    """
    match = _PORT.match(name)
    return (match["host"], match["port"]) if match else (name, "")
