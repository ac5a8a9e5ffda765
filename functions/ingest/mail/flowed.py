"""Paragraphs of `format=flowed`: lines that a program broke are one again.

Source: RFC 3676.
"""


def unflowed(text: str, *, delete: bool = False) -> str:
    """Return the text with soft line breaks taken out; `delete`: the space before one too."""
    done: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:]
        said = said.removeprefix(" ")
        soft = said.endswith(" ") and said != "-- "
        if open_depth == depth and said != "-- ":
            done.append(said)
        else:
            done.append(("\n" if done else "") + (">" * depth + " " if depth else "") + said)
        if soft and delete:
            done[-1] = done[-1][:-1]
        open_depth = depth if soft else None
    return "".join(done)
