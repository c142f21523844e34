r"""Goroutine dumps as pandas tables: who leaks, where it is blocked, since when.

>>> import gostack_nb as gs
>>> dataset = gs.read(b"goroutine 7 [chan receive, 3 minutes]:\nmain.f()\n\t/srv/main.go:9 +0x1d\n")
>>> gs.group(dataset)[["count", "state", "user_location"]].to_dict("records")
[{'count': 1, 'state': 'chan receive', 'user_location': '/srv/main.go:9'}]

The tables are those of a `Dataset`; every analysis takes one and returns a DataFrame, every chart returns Axes, and
`incident` answers the questions of an investigation in words. In the examples of the calls `dataset` is the recorded
incident, `gs.read("data/push-incident/leak")` in a checkout, `fixed` the same service after the fix, and
`ranking` the recorded fleet, `gs.fleet.sweep("data/fleet/{service}/{zone}/{build}/{instance}/*.pb.gz")`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from gostack_nb.errors import (
    ArgumentError,
    CatalogueError,
    DeadlineError,
    ExportError,
    FilterError,
    FleetError,
    FormatError,
    GostackError,
    MissingColumnError,
    NotPprofError,
    QueryError,
    RecordingError,
    SourceError,
    TooBigError,
    UnreachableError,
)

if TYPE_CHECKING:
    from gostack_nb import fleet
    from gostack_nb.analysis.ages import ages, births
    from gostack_nb.analysis.call_tree import call_tree, call_tree_change
    from gostack_nb.analysis.creators import creators
    from gostack_nb.analysis.decomposition import decompose
    from gostack_nb.analysis.diff import compare
    from gostack_nb.analysis.grouping import group
    from gostack_nb.analysis.growth import count_by_snapshot, growth, total_by_snapshot
    from gostack_nb.analysis.growth_windows import growth_windows
    from gostack_nb.analysis.labels import labels_table
    from gostack_nb.analysis.lock_waits import lock_waits
    from gostack_nb.analysis.receives import blocked_receives
    from gostack_nb.analysis.redaction import redact, redact_together, redactions
    from gostack_nb.analysis.restarts import restarts
    from gostack_nb.analysis.selecting import select
    from gostack_nb.analysis.siblings import siblings, siblings_by_function
    from gostack_nb.analysis.snapshots import first, latest, only, primary_snapshots, set_aside
    from gostack_nb.analysis.states import normalized_state
    from gostack_nb.analysis.suspects import suspects
    from gostack_nb.analysis.verify_fix import verify_fix
    from gostack_nb.analysis.waiting import waiting
    from gostack_nb.model.dataset import Dataset
    from gostack_nb.plots.ages import plot_ages
    from gostack_nb.plots.compare import plot_compare
    from gostack_nb.plots.contrast import plot_contrast
    from gostack_nb.plots.creators import plot_creators
    from gostack_nb.plots.decomposition import plot_decomposition
    from gostack_nb.plots.export import export_figure
    from gostack_nb.plots.export_charts import export_charts
    from gostack_nb.plots.flame import plot_flame, plot_flame_change
    from gostack_nb.plots.fleet import plot_fleet
    from gostack_nb.plots.groups import plot_groups
    from gostack_nb.plots.growth import plot_compare_growth, plot_growth
    from gostack_nb.plots.growth_by import plot_growth_by
    from gostack_nb.plots.heat_map import plot_heat_map
    from gostack_nb.plots.siblings import plot_siblings
    from gostack_nb.plots.states import plot_states
    from gostack_nb.plots.verify_fix import plot_verify_fix
    from gostack_nb.plots.waiting import plot_waiting
    from gostack_nb.reading.datasets import read
    from gostack_nb.reading.loki import Loki
    from gostack_nb.reading.profilers import Parca, Pyroscope
    from gostack_nb.reading.prometheus import Prometheus
    from gostack_nb.reading.rereading import read_addresses
    from gostack_nb.recording.live import capture
    from gostack_nb.recording.recording import Recording
    from gostack_nb.reports import incident
    from gostack_nb.reports.explaining import explain
    from gostack_nb.reports.postmortem import report
    from gostack_nb.widgets.explorer import explore
    from gostack_nb.widgets.monitor import monitor

# Loaded when first used: `gostack-nb --help` needs no pandas, and who needs pandas alone waits for nothing else.
_LAZY = {
    "Dataset": "model.dataset",
    "Recording": "recording.recording",
    "Loki": "reading.loki",
    "Parca": "reading.profilers",
    "Prometheus": "reading.prometheus",
    "Pyroscope": "reading.profilers",
    "ages": "analysis.ages",
    "births": "analysis.ages",
    "blocked_receives": "analysis.receives",
    "call_tree": "analysis.call_tree",
    "call_tree_change": "analysis.call_tree",
    "capture": "recording.live",
    "compare": "analysis.diff",
    "count_by_snapshot": "analysis.growth",
    "creators": "analysis.creators",
    "decompose": "analysis.decomposition",
    "explain": "reports.explaining",
    "explore": "widgets.explorer",
    "export_charts": "plots.export_charts",
    "export_figure": "plots.export",
    "first": "analysis.snapshots",
    "fleet": "fleet",
    "group": "analysis.grouping",
    "growth": "analysis.growth",
    "growth_windows": "analysis.growth_windows",
    "incident": "reports.incident",
    "labels_table": "analysis.labels",
    "latest": "analysis.snapshots",
    "load_ipython_extension": "magic",
    "lock_waits": "analysis.lock_waits",
    "monitor": "widgets.monitor",
    "normalized_state": "analysis.states",
    "only": "analysis.snapshots",
    "plot_ages": "plots.ages",
    "plot_compare": "plots.compare",
    "plot_compare_growth": "plots.growth",
    "plot_contrast": "plots.contrast",
    "plot_creators": "plots.creators",
    "plot_decomposition": "plots.decomposition",
    "plot_flame": "plots.flame",
    "plot_flame_change": "plots.flame",
    "plot_fleet": "plots.fleet",
    "plot_groups": "plots.groups",
    "plot_growth": "plots.growth",
    "plot_growth_by": "plots.growth_by",
    "plot_heat_map": "plots.heat_map",
    "plot_siblings": "plots.siblings",
    "plot_states": "plots.states",
    "plot_verify_fix": "plots.verify_fix",
    "plot_waiting": "plots.waiting",
    "primary_snapshots": "analysis.snapshots",
    "read": "reading.datasets",
    "read_addresses": "reading.rereading",
    "redact": "analysis.redaction",
    "redact_together": "analysis.redaction",
    "redactions": "analysis.redaction",
    "report": "reports.postmortem",
    "restarts": "analysis.restarts",
    "select": "analysis.selecting",
    "set_aside": "analysis.snapshots",
    "siblings": "analysis.siblings",
    "siblings_by_function": "analysis.siblings",
    "suspects": "analysis.suspects",
    "total_by_snapshot": "analysis.growth",
    "unload_ipython_extension": "magic",
    "verify_fix": "analysis.verify_fix",
    "waiting": "analysis.waiting",
}

__all__ = [
    "ArgumentError",
    "CatalogueError",
    "Dataset",
    "DeadlineError",
    "ExportError",
    "FilterError",
    "FleetError",
    "FormatError",
    "GostackError",
    "Loki",
    "MissingColumnError",
    "NotPprofError",
    "Parca",
    "Prometheus",
    "Pyroscope",
    "QueryError",
    "Recording",
    "RecordingError",
    "SourceError",
    "TooBigError",
    "UnreachableError",
    "ages",
    "births",
    "blocked_receives",
    "call_tree",
    "call_tree_change",
    "capture",
    "compare",
    "count_by_snapshot",
    "creators",
    "decompose",
    "explain",
    "explore",
    "export_charts",
    "export_figure",
    "first",
    "fleet",
    "group",
    "growth",
    "growth_windows",
    "incident",
    "labels_table",
    "latest",
    "lock_waits",
    "monitor",
    "normalized_state",
    "only",
    "plot_ages",
    "plot_compare",
    "plot_compare_growth",
    "plot_contrast",
    "plot_creators",
    "plot_decomposition",
    "plot_flame",
    "plot_flame_change",
    "plot_fleet",
    "plot_groups",
    "plot_growth",
    "plot_growth_by",
    "plot_heat_map",
    "plot_siblings",
    "plot_states",
    "plot_verify_fix",
    "plot_waiting",
    "primary_snapshots",
    "read",
    "read_addresses",
    "redact",
    "redact_together",
    "redactions",
    "report",
    "restarts",
    "select",
    "set_aside",
    "siblings",
    "siblings_by_function",
    "suspects",
    "total_by_snapshot",
    "verify_fix",
    "waiting",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        msg = f"module 'gostack_nb' has no attribute {name!r}"
        raise AttributeError(msg)
    module = import_module(f"gostack_nb.{_LAZY[name]}")
    return module if name in {"incident", "fleet"} else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
