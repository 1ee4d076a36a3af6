"""What somebody does who takes a commented section over."""


def uncommented(gate):
    """Return a gate file with the lines of its commented sections as somebody uncomments them."""
    lines, inside = [], False
    for line in gate.splitlines():
        inside = line.startswith("# [") or (inside and line.startswith("# "))
        lines.append(line.removeprefix("# ") if inside else line)
    return "\n".join(lines) + "\n"
