"""Whether scheduler and workers can run what is sent to them: pickles need the same code on both sides."""

import platform
from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from distributed import Client

from gostack_nb.errors import FleetError

PACKAGES = ("gostack-nb", "distributed", "pandas", "pyarrow")

SCHEDULER = "the scheduler"
NOTHING = "none"
_SHOWN_NODES = 3


def check_versions(client: Client, patience_seconds: float) -> None:
    """Compare Python and the packages on the scheduler and on every worker with those here.

    Nothing of this package is sent for that: it may be missing there.

    Raises
    ------
    FleetError
        If something is missing or another version, there are no workers, or the scheduler does not answer.
    """
    try:
        _wait_for_a_worker(client, patience_seconds)
        nodes = _installed(client)
    except OSError as error:  # a TimeoutError is one
        msg = f"the scheduler does not answer ({error}). Hint: look at its log"
        raise FleetError(msg) from error
    if told := differences(nodes, {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}}):
        hint = 'Hint: pip install the same versions of "gostack-nb[cluster]" on the scheduler and on every worker'
        msg = f"the cluster runs other code than this process: {told}. {hint}"
        raise FleetError(msg)


def differences(nodes: Mapping[str, Mapping[str, str]], here: Mapping[str, str]) -> str:
    """Say who has what that is not as it is here, nodes with the same together; "" if all is well.

    Examples
    --------
    >>> differences({"the scheduler": {"pandas": "2.3.3"}, "tcp://a:1": {"pandas": "3.1.1"}}, {"pandas": "3.1.1"})
    'the scheduler has pandas 2.3.3 (3.1.1 here)'
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for node, installed in nodes.items():
        others = [
            f"no {name} ({ours} here)" if installed[name] == NOTHING else f"{name} {installed[name]} ({ours} here)"
            for name, ours in here.items()
            if not _is_same(name, installed[name], ours)
        ]
        if others:
            alike[" and ".join(others)].append(node)
    return "; ".join(f"{_names(who)} has {what}" for what, who in alike.items())


def _is_same(name: str, there: str, here: str) -> bool:
    """Tell whether two versions go together; patches of Python do."""
    return there == here or (name == "Python" and there.split(".")[:2] == here.split(".")[:2])


def _names(nodes: list[str]) -> str:
    shown = ", ".join(nodes[:_SHOWN_NODES])
    more = len(nodes) - _SHOWN_NODES
    return f"each of {shown} and {more} more" if more > 0 else f"each of {shown}" if len(nodes) > 1 else shown


def _installed(client: Client) -> dict[str, dict[str, str]]:
    """Ask every node for its versions, with functions of the standard library."""
    nodes: dict[str, dict[str, str]] = defaultdict(dict)
    for name in ("Python", *PACKAGES):
        function, arguments = (platform.python_version, ()) if name == "Python" else (version, (name,))
        try:
            nodes[SCHEDULER][name] = client.run_on_scheduler(function, *arguments)
        except PackageNotFoundError:
            nodes[SCHEDULER][name] = NOTHING
        for worker, answer in client.run(function, *arguments, on_error="return").items():
            nodes[worker][name] = answer if isinstance(answer, str) else _absence(answer)
    everything = ("Python", *PACKAGES)
    return {node: {name: told.get(name, "unknown") for name in everything} for node, told in nodes.items()}


def _absence(error: object) -> str:
    return NOTHING if isinstance(error, PackageNotFoundError) else "unknown"


def _wait_for_a_worker(client: Client, patience_seconds: float) -> None:
    """Wait until there is a worker; a task that waits makes an autoscaler start one."""
    if client.nthreads():
        return
    probe = client.submit(platform.python_version, pure=False)
    try:
        client.wait_for_workers(1, timeout=patience_seconds)
    except TimeoutError as error:
        msg = f"the cluster has no worker, and none came within {patience_seconds:.0f} s. Hint: start some, sweep again"
        raise FleetError(msg) from error
    finally:
        probe.release()
