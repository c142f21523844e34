"""What a user does with the explorer in a notebook that is open in JupyterLab."""

from typing import Any

import nbformat

from tests.browser.running import Lab, Seen, await_kernel, open_notebook, run_all

MARKUP = """goroutine 8 [sync.Mutex.Lock, 5 minutes] {note: "<img src=x onerror=pwned=1>", "$a$ b": "$x$ and $y$"}:
sync.(*Mutex).Lock(...)
\t/usr/local/go/src/sync/mutex.go:46
main.(*T).f[<img/src=x/onerror=pwned=1>](...)
\t/srv/$a$/<img src=x onerror=pwned=1>/$b$.go:233
main.$x$y$(0x1)
\t/srv/$a$/b$.go:13 +0x3
created by main.<script>pwned=1</script> in goroutine 1
\t/srv/app/<svg onload=pwned=1>.go:168 +0x2b6

"""


class Explorer:
    """What a user does with the explorer of a notebook that is open in a page."""

    def __init__(self, page: Any, seen: Seen) -> None:
        self.page, self.seen = page, seen
        self.root = page.locator(".gs-explorer").first

    @property
    def rows(self) -> Any:
        return self.root.locator(".gs-body > div").first.locator(".gs-scroll tbody tr")

    def control(self, name: str) -> Any:
        return self.root.locator(f"[name={name}]")

    def queried(self, text: str) -> None:
        """Wait until this is the text of the filter."""
        wanted = "(text) => document.querySelector('.gs-explorer [name=query]').value === text"
        self.page.wait_for_function(wanted, arg=text)

    def said(self, text: str) -> None:
        """Wait until this is said about what is shown."""
        self.root.locator(".gs-said", has_text=text).first.wait_for()

    def tab(self, name: str) -> None:
        self.root.locator(f"button[data-tab={name}]").click()

    def run_cell(self, place: int) -> str:
        """Run one cell and return what it printed."""
        return str(
            self.page.evaluate(
                """async (place) => {
                    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
                    notebook.activeCellIndex = place;
                    await app.commands.execute("notebook:run-cell");
                    return notebook.widgets[place].outputArea.node.innerText;
                }""",
                place,
            )
        )


def write_notebook(lab: Lab, name: str, *cells: str) -> str:
    """Write a notebook into the folder of the server and return its address."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (lab.folder / name).write_text(nbformat.writes(notebook), "utf-8")
    return lab.address_of(name)


def shown(page: Any, seen: Seen, address: str) -> Explorer:
    open_notebook(page, address)
    await_kernel(page)
    assert run_all(page)
    explorer = Explorer(page, seen)
    explorer.rows.first.wait_for()
    return explorer


def harmless(page: Any) -> bool:
    """Tell that no script of a dump ran and no dollar sign became a formula."""
    formulas = page.locator(".jp-OutputArea mjx-container, .jp-OutputArea .MathJax").count()
    return not formulas and page.evaluate("() => window.pwned === undefined")


FOCUS = """() => {
    const node = document.activeElement, style = getComputedStyle(node);
    const label = node.getAttribute("aria-label") ?? node.name ?? "";
    return {
        name: node.dataset.tab ?? (label || node.dataset.key || node.textContent.slice(0, 40)),
        seen: node.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
        inside: node.closest(".gs-explorer") !== null,
    };
}"""


def focused(page: Any) -> str:
    """Return the name of what has the focus, in the explorer and visibly."""
    found = page.evaluate(FOCUS)
    assert found["inside"], found
    assert found["seen"], found
    return str(found["name"])


def press(page: Any, *keys: str) -> list[str]:
    """Press keys one after the other; return what had the focus after each."""
    names = []
    for key in keys:
        page.keyboard.press(key)
        names.append(focused(page))
    return names
