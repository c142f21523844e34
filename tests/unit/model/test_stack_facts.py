"""What one stack says."""

from gostack_nb.formats.frames import Frame, Stack
from gostack_nb.model.stack_facts import facts_of

GOPARK = Frame("runtime.gopark", "/usr/local/go/src/runtime/proc.go", 474)
RECEIVE = Frame("runtime.chanrecv1", "/usr/local/go/src/runtime/chan.go", 506)
LOOP = Frame("main.(*hub).loop", "/srv/app/hub.go", 41)
WAIT = Frame("sync.(*WaitGroup).Wait", "/usr/local/go/src/sync/waitgroup.go", 206)
GOEXIT = Frame("runtime.goexit", "/usr/local/go/src/runtime/asm_amd64.s", 1264)
CREATOR = Frame("main.serve", "/srv/app/main.go", 7)


def test_the_runtime_frames_of_a_crash_are_not_the_top() -> None:
    facts = facts_of(Stack((GOPARK, RECEIVE, LOOP, GOEXIT), CREATOR))
    assert facts.top == LOOP
    assert facts.user == LOOP
    assert facts.top_frames == "main.(*hub).loop < runtime.goexit"
    assert facts.created_by == "main.serve"


def test_a_crash_and_a_profile_have_one_signature_but_not_one_stack_id() -> None:
    crash, profile = facts_of(Stack((GOPARK, RECEIVE, LOOP, GOEXIT), CREATOR)), facts_of(Stack((LOOP,)))
    assert crash.signature == profile.signature
    assert crash.stack_id != profile.stack_id


def test_a_moved_line_changes_the_stack_id_and_not_the_signature() -> None:
    before, after = facts_of(Stack((LOOP,))), facts_of(Stack((Frame(LOOP.function, LOOP.file, 42),)))
    assert before.signature == after.signature
    assert before.stack_id != after.stack_id


def test_inlining_does_not_change_the_stack_id() -> None:
    inlined = Frame(LOOP.function, LOOP.file, LOOP.line, inlined=True)
    assert facts_of(Stack((LOOP,))).stack_id == facts_of(Stack((inlined,))).stack_id


def test_the_users_frame_is_below_the_library() -> None:
    facts = facts_of(Stack((WAIT, LOOP)))
    assert (facts.top, facts.user) == (WAIT, LOOP)


def test_a_stack_of_the_library_alone_has_no_user_frame() -> None:
    assert facts_of(Stack((WAIT,))).user is None


def test_a_goroutine_of_the_runtime_keeps_its_own_function() -> None:
    sweep = Frame("runtime.bgsweep", "/usr/local/go/src/runtime/mgcsweep.go", 279)
    assert facts_of(Stack((GOPARK, sweep, GOEXIT))).top == sweep


def test_an_empty_stack_says_nothing() -> None:
    facts = facts_of(Stack(()))
    assert (facts.top, facts.user, facts.top_frames, facts.created_by) == (None, None, "", "")
