from pathlib import Path

from gostack_nb import Recording


def test_html_is_escaped_and_kept_from_mathjax(tmp_path: Path) -> None:
    recording = Recording.open(tmp_path / "incident", create=True, title="<b>$x$</b>")
    html = recording._repr_html_()
    assert "&lt;b&gt;$x$&lt;/b&gt;" in html
    assert "<b>" not in html
    assert 'class="tex2jax_ignore mathjax_ignore"' in html
