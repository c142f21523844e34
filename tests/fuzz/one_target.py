"""One target in a process of its own: `python -m tests.fuzz.one_target NAME [options of libFuzzer]`."""

import shlex
import sys
import warnings


def main() -> None:
    """Run until libFuzzer has enough; it ends the process itself."""
    import atheris  # noqa: PLC0415 - not on every platform, and this module is imported by the tests' collection

    with atheris.instrument_imports(include=["gostack_nb"]):
        from tests.fuzz.targets import named  # noqa: PLC0415 - what is imported here is instrumented
    _, name, *options = sys.argv
    again = f"{shlex.quote(sys.executable)} -m tests.fuzz.one_target {name}"  # how a merge starts itself, by the shell
    warnings.simplefilter("error")
    atheris.Setup([again, *options], named(name).run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
