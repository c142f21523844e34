"""An entry of the catalogue -> headed paragraphs in plain words."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from gostack_nb.analysis.catalogue.entries import Catalogue, Entry, Rule
from gostack_nb.analysis.catalogue.functions import comparable_function
from gostack_nb.analysis.catalogue.loading import state_meanings
from gostack_nb.analysis.states import without_bubble_suffix

Section: TypeAlias = tuple[str, str]
"""A heading and its text."""

_SIGHT = {
    "yes": "It marks such goroutines once nothing that still runs can reach what they wait for.",
    "no": "It does not see these: the network, a timer or something that is still held can wake them.",
    "unknown": "Whether it sees these was not tried.",
}

_NO_PROPER_STATE = "This form of dump does not tell it. debug=2 and signals do, and debug=0 lets it be inferred."


def describe_entry(entry: Entry, catalogue: Catalogue) -> Iterator[Section]:
    """Yield what the catalogue says about a pattern; headings without text are left out."""
    yield from (
        (heading, text)
        for heading, text in (
            ("What it does", entry.meaning),
            ("What is normal", entry.normal),
            ("When to worry", _when_to_worry(entry)),
            ("Usual cause", entry.cause),
            ("Fix", entry.fix),
            ("Look for in your code", entry.look_for),
            ("Go's leak profile", _SIGHT[entry.leak_profile_sees]),
            ("How to tell", entry.told_by),
            ("See also", _others(entry, catalogue)),
            ("Source", " ".join(filter(None, (_sentence(entry.source), _sentence(entry.source_note))))),
        )
        if text
    )


def describe_state(state: str | None) -> Section:
    """Say what a wait reason means; None is a state that the form does not tell."""
    if state is None:
        return "State", _NO_PROPER_STATE
    meaning = state_meanings().get(without_bubble_suffix(state))
    return "State", f"{state}: {meaning or 'a word that this package does not know; the runtime printed it.'}"


def describe_unchecked(entry: Entry) -> Section:
    """Say that the state was not compared."""
    wanted = sorted({state for rule in entry.matches for state in rule.states})
    asked = f" of {', '.join(wanted)}" if wanted else ""
    return "How sure", f"Only the functions fit: the pattern asks for a state{asked}, and this form does not tell one."


def entries_of_function(function: str, catalogue: Catalogue) -> list[Entry]:
    """Return the entries in whose stacks a function stands, the most specific first."""
    name = comparable_function(function)
    found = [entry for entry in catalogue if any(_names(rule, name) for rule in entry.matches)]
    return sorted(found, key=lambda entry: -entry.precedence)


def _names(rule: Rule, name: str) -> bool:
    """Whether a rule asks for this function; patterns for whole families of names do not count."""
    single = [pattern for pattern in (rule.leaf, rule.root) if pattern]
    patterns = [*single, *rule.anywhere, *rule.consecutive]
    return not rule.needs_state and any(pattern.fullmatch(name) for pattern in patterns)


def _when_to_worry(entry: Entry) -> str:
    """Add the numbers to the words, and say that they are judgements."""
    limits = []
    if entry.suspicious_above:
        limits.append(f"more than {entry.suspicious_above:,} in one process")
    if entry.suspicious_minutes:
        limits.append(f"a wait of more than {_minutes(entry.suspicious_minutes)}")
    numbers = f" As a number to start from: {' or '.join(limits)} (a judgement, to be set in a file of your own)."
    return _sentence(entry.suspicious) + (numbers if limits else "")


def _minutes(number: int) -> str:
    return "a minute" if number == 1 else f"{number} minutes"


def _others(entry: Entry, catalogue: Catalogue) -> str:
    return titles([other for name in entry.see_also if (other := catalogue.get(name))])


def titles(entries: Sequence[Entry]) -> str:
    """Name entries by title and id."""
    return "; ".join(f"{entry.title} ({entry.id})" for entry in entries)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
