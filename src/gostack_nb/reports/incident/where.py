"""At which line the suspects are blocked, and what to look for there."""

import pandas as pd

from gostack_nb.model.dataset import Dataset
from gostack_nb.reports.answer import Answer
from gostack_nb.reports.incident.suspect import name_of, place_of, suspect_of

NEXT_STEPS = {
    "chan receive": "The receiver waits for a value or a close that nobody will send. Find who holds the "
    "sending side, and "
    "check that every way out of that function closes the channel, or that the receiver also selects on a done "
    "channel.",
    "chan send": "The sender waits for a receiver that is gone. Give the channel a buffer for the values that "
    "may be left, "
    "or select on a done channel or context beside the send.",
    "select": "None of the cases becomes ready. Check that one of them is the owner's context or done channel, "
    "and that "
    "the owner cancels or closes it on every way out.",
    "IO wait": "It waits for the network. Check for a missing deadline, and for response bodies or connections "
    "that are "
    "not closed.",
    "sync.Mutex.Lock": "It waits for a lock. Look for the holder: a way out without Unlock, or a holder that "
    "itself waits.",
    "sync.RWMutex.Lock": "It waits for readers to leave. Look for an RLock without RUnlock, or a reader that "
    "itself waits.",
    "sync.RWMutex.RLock": "It waits for a writer. Look for a Lock without Unlock, or a writer that itself waits.",
    "sync.WaitGroup.Wait": "It waits for goroutines that never call Done. Look for a way out without Done.",
    "sync.Cond.Wait": "It waits for a Signal or Broadcast. Check that shutting down broadcasts.",
    "sleep": "It wakes and sleeps for ever. Check the condition that should end the loop.",
}
"""What to look for in the code, by the state of the goroutine that leaks."""


def where_in_the_code(dataset: Dataset) -> Answer:
    """Say at which line the suspects are blocked, who started them, and what to look for there.

    Returns
    -------
    Answer
        Its table has the frames of the suspects' stack, leaf first, the creator last.
    """
    suspect = suspect_of(dataset)
    if suspect is None:
        return Answer(("There is no suspect to look at.",))
    stacks = dataset.stacks
    frames = stacks[stacks["stack_id"] == suspect["stack_id"]].sort_values("frame_index")
    sentences = [f"{name_of(suspect)} at {place_of(suspect)} is the line to read."]
    creators = frames[frames["is_creator"].fillna(value=False)]
    if len(creators):
        creator = creators.iloc[0]
        place = f" at {creator['file']}:{creator['line']}" if pd.notna(creator["file"]) else ""
        sentences.append(f"It was started by {creator['function']}{place}.")
    if suspect["state"] in NEXT_STEPS:
        sentences.append(NEXT_STEPS[suspect["state"]])
    return Answer(tuple(sentences), frames[["frame_index", "function", "file", "line", "is_std", "is_creator"]])
