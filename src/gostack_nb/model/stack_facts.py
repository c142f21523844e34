"""What one distinct stack says: its ids, where it is blocked, the user's line. Computed once per stack."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from gostack_nb.formats.columns import Frame, Stack
from gostack_nb.model.naming import PARKING, comparable_name, is_runtime_internal, is_std, is_wrapper

_ID_BYTES = 8
_TOP_FRAMES = 3


@dataclass(frozen=True, slots=True)
class StackFacts:
    """The columns of `goroutines` that follow from the stack; empty text and line 0 mean not known."""

    stack_id: str
    signature: str
    top: Frame | None
    user: Frame | None
    top_frames: str
    created_by: str


def facts_of(stack: Stack) -> StackFacts:
    """Work out the columns of one stack."""
    visible = without_leading_runtime(stack.frames)
    return StackFacts(
        stack_id=_stack_id(stack),
        signature=_signature(stack.frames),
        top=visible[0] if visible else None,
        user=next((frame for frame in visible if frame.file and not is_std(frame.function, frame.file)), None),
        top_frames=" < ".join(frame.function for frame in visible[:_TOP_FRAMES]),
        created_by=stack.creator.function if stack.creator else "",
    )


def without_leading_runtime(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Drop the runtime frames above the code that blocked: only crash dumps and debug=0 print them.

    A goroutine of the runtime itself has no other frames: it keeps all but those of parking.
    """
    first = next((i for i, frame in enumerate(frames) if not is_runtime_internal(frame.function)), None)
    if first is not None:
        return frames[first:]
    return tuple(frame for frame in frames if frame.function not in PARKING) or frames


def _stack_id(stack: Stack) -> str:
    """Hash functions, files and lines: equal in every dump, process and machine."""
    lines = [_frame_text(frame) for frame in stack.frames]
    if stack.creator:
        lines.append("created by " + _frame_text(stack.creator))
    return _digest("\n".join(lines))


@lru_cache(maxsize=1 << 16)
def _frame_text(frame: Frame) -> str:
    return f"{frame.function}\t{frame.file}:{frame.line}"


def _signature(frames: tuple[Frame, ...]) -> str:
    """Hash the functions that every form prints."""
    shown = [f.function for f in frames if not is_runtime_internal(f.function) or f.function == "runtime.gopanic"]
    own = [name for name in shown if not is_wrapper(name)] or shown
    names = own or [frame.function for frame in without_leading_runtime(frames)]
    return _digest("\n".join(map(comparable_name, names)))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()
