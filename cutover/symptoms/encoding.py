"""Can the target hold every character: is its encoding UTF8?"""

from collections.abc import Iterator

from cutover.registry import symptoms
from cutover.signs import TARGET, Remark, Signs, ok, problem

NAME = "encoding"


class Encoding:
    """Looks at the encoding of the database, which is fixed when it is created."""

    name = NAME

    def look(self, signs: Signs) -> Iterator[Remark]:
        """Yield a problem for any encoding but UTF8."""
        if signs.target is None:
            return
        encoding, database = signs.target.encoding, signs.target.privileges.database
        if encoding == "UTF8":
            yield ok(TARGET, encoding)
        else:
            yield problem(
                TARGET,
                f"{encoding}: not every character of the sources has a place in it",
                f"create \"{database}\" anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
            )


symptoms.register(NAME, Encoding())
