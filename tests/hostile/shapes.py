"""All shapes of bytes that somebody made to be slow to read, by name."""

from tests.hostile.binary_shapes import ARCHIVES, PROFILES
from tests.hostile.dump_shapes import COUNTS, DUMPS, METRICS
from tests.hostile.log_shapes import LOGS
from tests.hostile.making import Shape
from tests.hostile.many_dumps_shapes import TWO_WAYS

SHAPES: dict[str, Shape] = DUMPS | COUNTS | METRICS | LOGS | PROFILES | ARCHIVES | TWO_WAYS
