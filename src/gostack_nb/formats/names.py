"""Names of functions and files that are longer than is kept: what tells least goes first."""

MAX_NAME = 1_000
"""Characters of a function's name or file that are kept."""

_MAX_READ = 1 << 16  # characters of a name that are searched for type arguments


def without_type_arguments(function: str) -> str:
    """Replace each balanced `[...]` group by `[...]`, so that debug=0 compares with the text forms.

    >>> without_type_arguments("main.Map[go.shape.struct { X []int },go.shape.int].Get")
    'main.Map[...].Get'
    """
    if "[" not in function:
        return function
    parts: list[str] = []
    depth = 0
    for character in function:
        depth -= character == "]" and depth > 0
        if depth == 0:
            parts.append("..." if character == "]" else "")
            parts.append(character)
        depth += character == "["
    return "".join(parts)


def kept_function(function: str) -> str:
    """Shorten the type arguments of a long name, as the text forms do with all names.

    Go prints brackets without their pair as they are (runtime/traceback.go, go1.27: funcNamePiecesForPrint); the tag
    of a struct's field may hold one.

    >>> kept_function("main.(*Pool[go.shape.struct { X " + "int; X " * 200 + "int }]).Run.func1")
    'main.(*Pool[...]).Run.func1'
    """
    if not MAX_NAME < len(function) <= _MAX_READ:
        return function
    begin, end = function.find("["), function.rfind("]")
    if 0 <= begin < end and "[" not in function[begin + 1 : end]:
        return f"{function[: begin + 1]}...{function[end:]}"
    printed = without_type_arguments(function)
    return function if printed.endswith("[") else printed


def without_middle(name: str) -> str:
    """Cut a name that is still too long: its beginning names the package, its end the method, or the file.

    >>> len(without_middle("a" * 2000)), without_middle("a" * 2000 + "/main.go")[-12:]
    (1000, 'aaaa/main.go')
    """
    half = MAX_NAME // 2
    return name if len(name) <= MAX_NAME else f"{name[:half]}...{name[len(name) - MAX_NAME + half + 3 :]}"
