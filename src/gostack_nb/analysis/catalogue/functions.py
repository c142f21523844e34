"""Function names without what differs between builds, versions and vendoring: what patterns are matched against."""

import re
from functools import lru_cache

from gostack_nb.formats.names import without_type_arguments
from gostack_nb.model.naming import comparable_name

_VENDORED = re.compile(r"^(?:.*/)?vendor/")
_VERSION_ELEMENT = re.compile(r"/v\d+(?=[/.])")
_GOPKG_VERSION = re.compile(r"(?<=[\w-])\.v\d+(?=[/.])")


@lru_cache(maxsize=1 << 16)
def comparable_function(function: str) -> str:
    """Return the name that the patterns of the catalogue are written for.

    Type arguments and numbers of closures are dropped, a vendoring prefix and the major version in an import path too;
    `%2e` in a package's name is a dot.

    >>> comparable_function("example.com/app/vendor/github.com/redis/go-redis/v9.(*channel).initHealthCheck.func1")
    'github.com/redis/go-redis.(*channel).initHealthCheck.func'
    >>> comparable_function("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun")
    'gopkg.in/natefinch/lumberjack.(*Logger).millRun'
    >>> comparable_function("k8s.io/client-go/util/workqueue.(*Typed[go.shape.string]).Get")
    'k8s.io/client-go/util/workqueue.(*Typed).Get'
    """
    plain = without_type_arguments(_VENDORED.sub("", function, count=1)).replace("[...]", "")
    name = comparable_name(plain)
    path, receiver, rest = name.partition("(")
    path = path.replace("%2e", ".")
    path = _VERSION_ELEMENT.sub("", path)
    if path.startswith("gopkg.in/"):
        path = _GOPKG_VERSION.sub("", path, count=1)
    return path + receiver + rest
