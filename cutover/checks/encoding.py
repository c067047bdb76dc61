"""Can the target's database hold every character of the source: is its encoding UTF8?"""

from collections.abc import Iterator

from cutover.abc import Evidence
from cutover.plan import Finding
from cutover.registry import checks

NAME = "encoding"


class Encoding:
    """Asks for the database's encoding, which is fixed when it is created."""

    name = NAME

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Yield a finding for any encoding but UTF8."""
        encoding = evidence.reader.fetch("SHOW server_encoding")[0][0]
        if encoding != "UTF8":
            yield Finding(
                check=NAME,
                subject="server_encoding",
                kind="mismatching",
                message=f"the target's encoding is {encoding}, expected UTF8",
                hint="create the database anew: CREATE DATABASE … ENCODING 'UTF8' "
                "TEMPLATE template0",
            )


checks.register(NAME, Encoding())
