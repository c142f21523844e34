"""Numbers of a fix -> words."""

from gostack_nb.analysis.fix_courses import Course
from gostack_nb.analysis.suspects.sentences import counted, percent

__all__ = ["a_rate", "counted", "course_words", "lasting", "listed", "percent", "with_interval"]

_MOST_NAMES = 3
_MOST_SECONDS, _MOST_MINUTES, _MOST_HOURS = 120, 120, 48


def a_rate(value: float) -> str:
    """Write a number as exactly as it is worth.

    >>> a_rate(1381.45), a_rate(2.25), a_rate(-0.04)
    ('1,381', '2.2', '0')
    """
    text = f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def lasting(hours: float) -> str:
    """Say how long.

    >>> lasting(0.0125), lasting(5.5 / 60), lasting(5), lasting(72)
    ('45 seconds', '5.5 minutes', '5.0 hours', '3.0 days')
    """
    seconds = hours * 3600
    if seconds < _MOST_SECONDS:
        return f"{seconds:.0f} seconds"
    if seconds < _MOST_MINUTES * 60:
        return f"{seconds / 60:.1f} minutes"
    return f"{hours:.1f} hours" if hours < _MOST_HOURS else f"{hours / 24:.1f} days"


def listed(words: list[str]) -> str:
    """Join words as in a sentence; of many the first three.

    >>> listed(["f", "g"]), listed(["a", "b", "c", "d", "e"])
    ('f and g', 'a, b, c and 2 more')
    """
    few = words if len(words) <= _MOST_NAMES else [*words[:_MOST_NAMES], f"{len(words) - _MOST_NAMES} more"]
    return ", ".join(few[:-1]) + " and " + few[-1] if len(few) > 1 else "".join(few)


def dumps(course: Course) -> str:
    """Say how many dumps there are, of how many processes, over which time.

    >>> dumps(Course(2, 26, 13, 0.1, 0, 0, None, None, None))
    '26 dumps of 2 processes in 6.0 minutes'
    """
    of = f" of {course.processes} processes" if course.processes > 1 else ""
    over = f" in {lasting(course.hours)}" if course.hours > 0 else ""
    return f"{counted(course.snapshots, 'dump')}{of}{over}"


def with_interval(course: Course, unit: str = "") -> str:
    """Write the rate and its 95 % interval.

    >>> with_interval(Course(1, 9, 9, 1.0, 0, 251, 251.0, 240.1, 262.4), " per hour")
    '251 per hour [240, 262]'
    """
    if course.rate is None or course.low is None or course.high is None:
        return "an unknown rate"
    return f"{a_rate(course.rate)}{unit} [{a_rate(course.low)}, {a_rate(course.high)}]"


def course_words(subject: str, before: Course, after: Course) -> str:
    """Say how something went before and after, without the end of the sentence.

    >>> one = Course(1, 1, 1, 0.0, 288, 288, None, None, None)
    >>> many = Course(1, 12, 12, 0.1, 160, 163, 0.0, -2.0, 3.0)
    >>> course_words("The total", one, many)
    'The total was 288 before (1 dump), and grew by 0 per hour [-2, 3] after (12 dumps in 6.0 minutes)'
    >>> course_words("It", many, many)
    'It grew by 0 per hour [-2, 3] before (12 dumps in 6.0 minutes), and by 0 [-2, 3] after (12 dumps in 6.0 minutes)'
    """
    both = before.rate is not None and after.rate is not None
    then = f"by {with_interval(after)}" if both else _went(after)
    return f"{subject} {_went(before)} before ({dumps(before)}), and {then} after ({dumps(after)})"


def _went(course: Course) -> str:
    if course.rate is not None:
        return f"grew by {with_interval(course, ' per hour')}"
    if course.snapshots == 0:
        return "was not seen"
    return f"was {course.last:,}" if course.hours <= 0 else f"went from {course.first:,} to {course.last:,}"
