"""What runs in a fresh interpreter: `python -m benchmarks.child PROBE ARGUMENTS` prints one probe's result as JSON."""

import json
import sys

from benchmarks import probes


def main() -> None:
    """Run the probe that the command line names."""
    name, arguments = sys.argv[1:]
    json.dump(probes.PROBES[name](*json.loads(arguments)), sys.stdout)


if __name__ == "__main__":
    main()
