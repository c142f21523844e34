from gostack_nb.plots.siblings import NO_SIBLINGS, plot_siblings


def bars_of(ax):
    names = [label.get_text() for label in ax.get_yticklabels()]
    return dict(zip(names, [int(bar.get_width()) for bar in ax.patches], strict=True))


def test_the_ack_loops_stand_out_from_their_siblings(leak):
    ax = plot_siblings(leak)
    assert bars_of(ax) == {
        "main.(*session).ackLoop": 154,
        "main.(*session).readLoop": 29,
        "main.(*session).writeLoop": 29,
    }
    assert [text.get_text() for text in ax.texts] == ["154 (+125)", "29", "29"]
    assert ax.get_lines()[0].get_xdata() == [29, 29]
    assert ax.get_title(loc="left").strip() == "29 : 29 : 154 goroutines at 2026-11-23 08:59 UTC"
    assert ax.get_title() == "all started by main.(*server).startSession; expected of each: 29 (dashed line)"


def test_after_the_fix_all_are_equal(fixed):
    assert set(bars_of(plot_siblings(fixed)).values()) == {29}


def test_another_creator_may_be_asked_for(leak):
    ax = plot_siblings(leak, creator="main.serve")
    assert bars_of(ax)["main.(*server).deliverWorker"] == 71
    assert ax.get_lines() == []
    assert ax.get_title() == "all started by main.serve"


def test_the_title_shortens_many_counts_and_top_limits_the_bars(recording):
    ax = plot_siblings(recording({f"main.f{n}": n + 1 for n in range(9)}), top=4)
    assert list(bars_of(ax).values()) == [9, 8, 7, 6]
    assert ax.get_title(loc="left").startswith("1 : 2 : 3 : 4 : 5 : … : 9 goroutines")


def test_the_process_with_the_greatest_excess_is_drawn(fleet):
    ax = plot_siblings(fleet(one=[{"main.a": 3, "main.b": 4}], two=[{"main.a": 5, "main.b": 8}]))
    assert set(bars_of(ax)) == {"main.a", "main.b"}
    assert "processes" not in ax.get_title(loc="left")


def test_no_siblings_are_said(nobody, recording):
    for ax in (
        plot_siblings(nobody),
        plot_siblings(recording({"main.a": 1})),
    ):
        assert [text.get_text() for text in ax.texts] == [NO_SIBLINGS]
