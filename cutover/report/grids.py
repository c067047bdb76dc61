"""Tables as every screen has them."""

from rich.table import Table


def grid(*headings: str) -> Table:
    """Return an empty table in the house's style: no lines, numbers to the right."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, heading in enumerate(headings):
        right = heading.startswith(">")
        # A name that is cut short can't be looked for; the last column may wrap instead.
        table.add_column(
            heading.lstrip(">"),
            justify="right" if right else "left",
            no_wrap=place == 0 or not heading,
            overflow="fold" if place and heading else "ignore",
        )
    return table
