"""How big the dumps are and how often each thing is measured."""

from dataclasses import dataclass, field
from pathlib import Path

MB = 10**6
DATA = Path(__file__).parent / "data"
"""The cache of generated dumps; git does not look into it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One choice of sizes; targets are judged at full scale only."""

    name: str
    small_bytes: int  # what the biggest one is held against, per byte
    middle_bytes: int
    shared_bytes: int  # from here on two processes read
    large_bytes: int
    memory_bytes: tuple[int, int]
    goroutines: int  # of the counted forms, and of each snapshot of the analyses
    snapshots: int
    rounds: int
    fleet_files: int
    fleet_file_bytes: int
    fleet_profiles: int
    fleet_goroutines: int  # of each profile
    fleet_instances: int
    fleet_rounds: int
    starts: int  # how often a fresh interpreter is started for the time that takes
    judged: bool = False
    data: Path = field(default=DATA)


FULL = Scale(
    name="full",
    small_bytes=30 * MB,
    middle_bytes=100 * MB,
    shared_bytes=200 * MB,
    large_bytes=844 * MB,
    memory_bytes=(100 * MB, 1000 * MB),
    goroutines=600_000,
    snapshots=10,
    rounds=5,
    fleet_files=1000,
    fleet_file_bytes=2 * MB,
    fleet_profiles=200,
    fleet_goroutines=100_000,
    fleet_instances=10_000,
    fleet_rounds=3,
    starts=11,
    judged=True,
)

QUICK = Scale(
    name="quick",
    small_bytes=2 * MB,
    middle_bytes=4 * MB,
    shared_bytes=8 * MB,
    large_bytes=12 * MB,
    memory_bytes=(4 * MB, 8 * MB),
    goroutines=20_000,
    snapshots=3,
    rounds=2,
    fleet_files=20,
    fleet_file_bytes=MB // 10,
    fleet_profiles=10,
    fleet_goroutines=1000,
    fleet_instances=100,
    fleet_rounds=1,
    starts=2,
)
