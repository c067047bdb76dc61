"""Can each source be opened: is it there, a SQLite database, and readable?"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import Remark, Signs, ok, problem
from cutover.words import sized

NAME = "source_file"


class SourceFile:
    """Reports the error that opening gave, or the size."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield an answer for each source, and a problem where none is named."""
        if not signs.sources:
            yield problem(
                "sources",
                "no source database is named",
                'name it in cutover.toml: [source] databases = ["app.db"]',
            )
        for source in signs.sources:
            if source.trouble:
                remedy = source.trouble.hint or "see to that, then: cutover doctor"
                yield problem(source.label, str(source.trouble), remedy)
            else:
                pages = f"pages of {sized(source.page_bytes)}"
                yield ok(source.label, f"{sized(source.bytes)}, {pages}")


symptoms.register(NAME, SourceFile())
