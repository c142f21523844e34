import pytest

from gostack_nb.sources.process_labels import Process, absent_labels, instance_names, matchers_in, selector_of
from tests.unit.imitations import matches


@pytest.mark.parametrize(
    ("labels", "service", "instance", "told_apart"),
    [
        ({"service_name": "push", "pod": "push-0", "container": "app"}, "push", "push-0", True),
        ({"job": "push", "instance": "10.0.0.7:6060", "pod": "push-0"}, "push", "10.0.0.7:6060", True),
        ({"service_name": "unspecified", "app": "push", "hostname": "a"}, "push", "a", True),
        ({"service_name": "unknown_service", "container": "push"}, "push", "push", False),
        ({"service_name": "push"}, "push", None, False),
        ({"service_name": "push", "node": "a"}, "push", "a", False),
        ({"service_name": "push", "pid": "7"}, "push", "7", True),
        ({"role": "reader"}, None, None, False),
        ({"service_name": "a\nb", "pod": ""}, "a\\nb", None, False),
    ],
)
def test_the_names_of_a_process(
    labels: dict[str, str], service: str | None, instance: str | None, told_apart: bool
) -> None:
    process = Process.of(labels)
    assert (process.service, process.instance, process.is_told_apart) == (service, instance, told_apart)


def test_labels_that_are_no_process_are_left_out() -> None:
    assert Process.of({"pod": "push-0", "role": "reader", "level": "info"}) == Process((("pod", "push-0"),))
    assert Process.of({"pod": "push-0", "shard": "3"}, ["shard"]) == Process((("shard", "3"),))


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", "ü", "a,b}"])
def test_a_selector_means_its_labels(value: str) -> None:
    assert matches(selector_of([("pod", value)]), {"pod": value})
    assert not matches(selector_of([("pod", value)]), {"pod": "other"})


@pytest.mark.parametrize(
    "selector", ["{}", "", " { } ", '{namespace="prod"}', 'namespace="prod"', '{namespace="prod",}']
)
def test_a_selector_within_another(selector: str) -> None:
    inner = matchers_in(selector)
    assert inner in {"", 'namespace="prod"'}
    assert selector_of([("pod", "p")], within=selector) == "{" + ",".join(filter(None, [inner, 'pod="p"'])) + "}"


def test_labels_that_only_others_have() -> None:
    one, two = Process((("app", "push"),)), Process((("app", "push"), ("pod", "push-0")))
    assert absent_labels(one, [one, two]) == [("pod", "")]
    assert absent_labels(two, [one, two]) == []


def test_names_are_longer_only_where_they_would_be_the_same() -> None:
    labels = [
        {"job": "push", "pod": "a"},
        {"job": "push", "pod": "b", "container": "x"},
        {"job": "push", "pod": "b", "container": "y"},
        {"job": "other", "pod": "a"},
        {"job": "push"},
        {"job": "push", "namespace": "prod"},
    ]
    names = instance_names(Process.of(one) for one in labels)
    assert list(names.values()) == ["a", "b/x", "b/y", "a", None, "prod"]
