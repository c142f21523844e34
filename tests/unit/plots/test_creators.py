from dataclasses import replace

from matplotlib.colors import to_hex

from gostack_nb.plots.creators import GONE, LIVING, NO_CREATORS, plot_creators


def bars_of(ax):
    names = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(names, [int(bar.get_width()) for bar in ax.patches], strict=True))


def test_names_are_indented_below_who_started_them(leak):
    bars = bars_of(plot_creators(leak))
    names = list(bars)
    assert names[:3] == ["main.main", "    main.(*session).ackLoop", "    main.(*server).deliverWorker"]
    assert bars["    main.(*session).ackLoop"] == 154
    assert names.index("        net/http.(*conn).serve") == names.index("    main.serve.func1") + 1


def test_children_of_the_dead_are_orange(recording):
    ax = plot_creators(recording({"main.main": 1, "main.child": 3}))
    colors = {
        label.get_text().strip(): to_hex(bar.get_facecolor())
        for label, bar in zip(ax.get_yticklabels(), ax.patches, strict=True)
    }
    assert colors["main.child"] == LIVING
    orphans = plot_creators(orphaned(recording({"main.child": 3})))
    assert to_hex(orphans.patches[-1].get_facecolor()) == GONE
    assert "orange" in orphans.get_title()


def orphaned(dataset):
    ids = dataset.goroutines["creator_id"] + 7000
    return replace(dataset, goroutines=dataset.goroutines.assign(creator_id=ids))


def test_small_rows_are_left_out_and_counted(recording):
    ax = plot_creators(recording({f"main.f{n}": n + 1 for n in range(9)}), top=4)
    assert [name.strip() for name in bars_of(ax)][1:] == ["main.f8", "main.f7", "main.f6", "main.f5"]
    assert ax.get_title().endswith("5 smaller rows not shown")


def test_no_creators_are_said(nobody):
    assert [text.get_text() for text in plot_creators(nobody).texts] == [NO_CREATORS]
