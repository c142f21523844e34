"""Files of the catalogue: merged in order, and refused in one sentence that says file, entry, key and what to do."""

import os
import re
from pathlib import Path

import pytest

from gostack_nb.analysis.catalogue import loading
from gostack_nb.analysis.catalogue.checking import ENTRY_KEYS, RULE_KEYS
from gostack_nb.analysis.catalogue.entries import PRECEDENCE, Catalogue
from gostack_nb.analysis.catalogue.loading import VARIABLE, load_catalogue, state_meanings
from gostack_nb.errors import CatalogueError

OWN = """
[[entry]]
id = "ack-loop"
title = "Ack loop of a session"
meaning = "It waits for
acks."
states = ["chan receive"]
[[entry.match]]
leaf = 'main\\.\\(\\*session\\)\\.ackLoop'
[[entry.match]]
leaf = 'main\\.ack'
states = ["select"]
""".replace('"It waits for\nacks."', '"""It waits for\n  acks."""')


@pytest.fixture(autouse=True)
def _no_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def write(folder: Path, text: str, name: str = "own.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def own_entry(extra: str) -> str:
    """Return a file with one good entry and some more lines."""
    return f'[[entry]]\nid = "x"\ntitle = "t"\nmeaning = "m"\n{extra}\n'


def own_match(conditions: str) -> str:
    return own_entry(f"[[entry.match]]\n{conditions}")


def test_a_file_adds_entries(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)
    catalogue = load_catalogue(path)
    entry = catalogue["ack-loop"]
    assert (entry.meaning, entry.kind, entry.role, entry.origin) == (
        "It waits for acks.",
        "library",
        "watch",
        str(path),
    )
    assert entry.precedence == PRECEDENCE["library"]
    assert [set(rule.states) for rule in entry.matches] == [{"chan receive"}, {"select"}]
    assert len(catalogue) == len(load_catalogue()) + 1
    assert next(iter(catalogue)) == load_catalogue().entries[0]


def test_an_entry_of_a_known_id_changes_what_it_names(tmp_path: Path) -> None:
    text = '[[entry]]\nid = "sql-connection-opener"\nsuspicious_above = 12\nrole = "watch"\n'
    before, after = (
        load_catalogue()["sql-connection-opener"],
        load_catalogue(write(tmp_path, text))["sql-connection-opener"],
    )
    assert (before.suspicious_above, before.healthy) == (3, True)
    assert (after.suspicious_above, after.healthy, after.always_wrong) == (12, False, False)
    assert (after.title, after.matches, after.examples) == (before.title, before.matches, before.examples)


def test_later_files_go_before_earlier_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def says(title: str) -> str:
        return OWN.replace("Ack loop of a session", title)

    team, home, mine = (write(tmp_path, says(name), f"{name}.toml") for name in ("team", "home", "mine"))
    monkeypatch.setenv(VARIABLE, f"{team}{os.pathsep}{home}{os.pathsep}")
    assert load_catalogue()["ack-loop"].title == "home"
    assert load_catalogue(mine)["ack-loop"].title == "mine"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, OWN)
    assert load_catalogue(path) is load_catalogue(path)
    write(tmp_path, OWN.replace("Ack loop of a session", "Another, longer title"))
    assert load_catalogue(path)["ack-loop"].title == "Another, longer title"


def test_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, OWN)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "ack-loop" in load_catalogue("~/own.toml")


def test_entries_by_name() -> None:
    catalogue = load_catalogue()
    assert catalogue.get("nil-channel") is catalogue["nil-channel"]
    assert catalogue.get("nothing") is None
    assert catalogue.get(float("nan")) is None
    with pytest.raises(CatalogueError, match=r"no entry 'nothing' in the catalogue; it has .*nil-channel"):
        catalogue["nothing"]


WRONG = [
    ('[[entry]]\ntitle = "t"\n', "an entry lacks its id. Hint: an id is lower-case words"),
    ('[[entry]]\nid = "Bad Id"\n', "an entry has the id 'Bad Id'. Hint: an id is"),
    ("[[entry]]\nid = 7\n", "an entry has the id 7"),
    ('[[entry]]\nid = "x"\ntitle = "t"\n', "entry 'x': lacks meaning, match. Hint: docs/reference/catalogue.md"),
    (own_entry('maening = "m"'), "entry 'x': unknown key 'maening'. Hint: did you mean meaning?"),
    (own_entry("zzz = 1"), "entry 'x': unknown key 'zzz'. Hint: known are cause, created_by"),
    (own_entry("match = []\nfix = 3"), "entry 'x': fix is 3, not a text."),
    (own_entry('match = []\nkind = "go"'), "entry 'x': kind is 'go', not one of library, stdlib, runtime, language."),
    (own_entry("match = []\nsuspicious_above = -1"), "suspicious_above is -1, not a whole number from 0 up."),
    (own_entry("match = []\nsuspicious_above = true"), "suspicious_above is True, not a whole number from 0 up."),
    (own_entry('match = []\nnormal_per_owner = "one"'), "normal_per_owner is 'one', not a number from 0 up."),
    (own_entry("match = []\nsee_also = [1]"), "see_also is [1], not a text or a list of texts."),
    (own_entry("match = 3"), "entry 'x': match is 3, not a list of tables. Hint: write [[entry.match]]"),
    (own_entry("[[entry.match]]"), "entry 'x': match 1: fits every goroutine. Hint: name a frame"),
    (own_match("leaf = 'a'\n[[entry.match]]\nstate = 's'"), "match 2: unknown key 'state'. Hint: did you"),
    (own_match("leaf = 'main.('"), "match 1: the pattern 'main.(' is no regular expression (missing )"),
    (own_match("anywhere = ['ok', '[']"), "match 1: the pattern '[' is no regular expression"),
    (own_match("leaf = 'f\\.func1'"), "holds the number of a closure. Hint: numbers change with every build"),
    (own_match("leaf = 'f\\.func\\d+'"), "holds the number of a closure"),
    (own_match("leaf = '(a+)+b'"), "repeats a group that repeats inside, which can take for ever"),
    (own_match(f"leaf = '{'a' * 501}'"), "a pattern of 501 characters, the limit is 500"),
    (own_match("leaf = 7"), "leaf is 7, not a regular expression."),
    (own_match("anywhere = 7"), "anywhere is 7, not a regular expression or a list of them."),
    (own_match("states = 7"), "states is 7, not a state or a list of states"),
    (own_match("leaf = 'a'\nwakes = 1"), "wakes is 1, not true or false."),
    (own_entry("match = []\n[[entry.example]]\nstate = 'select'"), "entry 'x': an example lacks frames."),
    (own_entry("match = []\n[[entry.example]]\nframe = 'a'"), "unknown key 'frame'. Hint: did you mean frames?"),
    (own_entry("match = []") * 2, "entry 'x': stands twice in this file."),
    ("[[entries]]\n", "unknown key 'entries'. Hint: write [[entry]]"),
    ("entry = 3\n", "entry is not a list of tables. Hint: write [[entry]]"),
    ("[[entry", "no TOML file ("),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:50] for _, message in WRONG])
def test_a_wrong_file_is_refused_in_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert message in said
    assert "\n" not in said
    assert isinstance(caught.value, ValueError)


def test_long_values_are_cut_in_messages(tmp_path: Path) -> None:
    path = write(tmp_path, own_entry(f"match = []\nfix = [{'1, ' * 90}1]"))
    with pytest.raises(CatalogueError, match=re.escape("…, not a text.")):
        load_catalogue(path)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CatalogueError, match=f"cannot be read \\(no such file or directory\\).*{VARIABLE}"):
        load_catalogue(tmp_path / "none.toml")
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_catalogue(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'x = "\xff"')
    with pytest.raises(CatalogueError, match="no TOML file"):
        load_catalogue(tmp_path / "latin.toml")
    monkeypatch.setattr(loading, "BIGGEST_FILE", 10)
    with pytest.raises(CatalogueError, match="more than 10 bytes"):
        load_catalogue(write(tmp_path, OWN))


def test_a_failed_file_leaves_the_package_alone(tmp_path: Path) -> None:
    before = load_catalogue()
    with pytest.raises(CatalogueError):
        load_catalogue(write(tmp_path, '[[entry]]\nid = "nil-channel"\nrole = "none"\n'))
    assert isinstance(before, Catalogue)
    assert load_catalogue()["nil-channel"].role == "wrong"


DOCS = Path(__file__).parents[4] / "docs"
HOW_TO = (DOCS / "how-to" / "catalogue.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "catalogue.md").read_text(encoding="utf-8")


def test_the_documented_example_is_a_good_file(tmp_path: Path) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL)
    catalogue = load_catalogue(write(tmp_path, example))
    assert catalogue["sql-connection-opener"].suspicious_above == 12
    assert catalogue["session-ack-loop"].examples[0].state == "chan receive"


@pytest.mark.parametrize("key", sorted({*ENTRY_KEYS, *RULE_KEYS, "id", "match", "example"}))
def test_every_key_is_documented(key: str) -> None:
    assert re.search(rf"^\| (?:`\w+`, )*`{key}`(?:, `\w+`)* \|", REFERENCE, re.MULTILINE)


def test_meanings_of_states_are_one_line() -> None:
    assert "\n" not in "".join(state_meanings().values())
