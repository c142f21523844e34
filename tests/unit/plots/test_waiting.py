import gostack_nb as gs
from gostack_nb.plots.waiting import LEFT_OUT, plot_waiting


def ages_of(ax):
    """Return for each bar the goroutines of every age, youngest first."""
    widths = [[int(bar.get_width()) for bar in container] for container in ax.containers]
    names = [label.get_text().split("\n")[0] for label in ax.get_yticklabels()]
    return dict(zip(names, zip(*widths, strict=True), strict=True))


def notes_of(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_the_leak_is_a_ladder_of_ages(leak):
    ax = plot_waiting(leak)
    ages = ages_of(ax)
    assert ages["main.(*session).ackLoop"] == (40, 82, 32, 0, 0, 0)
    assert ages["main.(*server).deliverWorker"] == (71, 0, 0, 0, 0, 0)
    assert notes_of(ax)[:2] == ["154 (waits 1 to 5 min, median 4)", "71"]
    assert ax.get_title(loc="left").strip() == "288 goroutines at 2026-11-23 08:59 UTC, 114 with a wait printed"
    assert LEFT_OUT in ax.get_title().replace("\n", " ")


def test_ages_fall_into_the_buckets_of_the_analysis(recording):
    shot = {f"main.f{m}": (1, f"select, {m} minutes") for m in (1, 4, 5, 14, 15, 59, 60, 239, 240, 9999)}
    ax = plot_waiting(recording({**shot, "main.young": 1}), by="state")
    assert ages_of(ax) == {"select": (0, 2, 2, 2, 2, 2), "chan receive": (1, 0, 0, 0, 0, 0)}
    assert notes_of(ax)[0] == "10 (waits 1 to 9,999 min, median 37)"


def test_the_legend_names_minutes_and_the_unknown(recording):
    ax = plot_waiting(recording({"main.a": (2, "select, 7 minutes")}))
    legend = ax.get_legend()
    assert legend.get_title().get_text() == "minutes waiting, as printed"
    assert [text.get_text() for text in legend.get_texts()] == [
        "under 1 or not printed",
        "1 to 4",
        "5 to 14",
        "15 to 59",
        "60 to 239",
        "240 or more",
    ]
    assert notes_of(ax) == ["2 (all 7 min, median 7)"]


def test_smaller_groups_are_added_up(recording):
    ax = plot_waiting(recording({"main.a": 9, "main.b": (2, "select, 3 minutes"), "main.c": 1}), top=1)
    assert ages_of(ax) == {"main.a": (9, 0, 0, 0, 0, 0), "other (2 groups)": (1, 2, 0, 0, 0, 0)}
    assert notes_of(ax) == ["9", "3"]


def test_erased_waits_are_shown_where_there_is_nothing_else(recording):
    ax = plot_waiting(recording({"main.a": (2, "chan receive (leaked)")}))
    assert ages_of(ax) == {"main.a": (2, 0, 0, 0, 0, 0)}
    assert LEFT_OUT not in ax.get_title()


def test_erased_waits_of_one_process_do_not_hide_another(fleet):
    erased, printed = {"main.a": (2, "chan receive (leaked)")}, {"main.a": (2, "chan receive, 3 minutes")}
    ax = plot_waiting(fleet(one=[erased], two=[printed, erased]))
    assert ages_of(ax) == {"main.a": (2, 2, 0, 0, 0, 0)}


def test_a_table_shows_its_last_snapshot_and_no_goroutines_are_said(leak, nobody):
    assert ages_of(plot_waiting(gs.first(leak).goroutines))["main.(*session).ackLoop"][0] == 29
    assert notes_of(plot_waiting(nobody)) == ["no goroutines"]
