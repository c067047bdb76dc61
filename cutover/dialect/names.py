"""Names for what SQLite leaves unnamed, unique where PostgreSQL asks for it.

Tables, views, indexes and the indexes of keys share one namespace per schema in PostgreSQL; CHECK
and FOREIGN KEY names need only be unique on their table, where keys count too
(https://www.postgresql.org/docs/current/catalog-pg-constraint.html). Unnamed ones get the name
that PostgreSQL itself would give, `table_column_kind`, in 63 bytes.
"""

from collections.abc import Sequence

from cutover.long_names import fit_name


class Namespace:
    """Hands out names; one that is taken gets a number, the same in every run."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """Return `wanted`, in 63 bytes and unlike any name taken before."""
        name, number = fit_name(wanted), 1
        while name in self._taken:
            name, number = fit_name(f"{wanted}_{number}"), number + 1
        self._taken.add(name)
        return name


def generated_name(table: str, columns: Sequence[str], kind: str) -> str:
    """Return the name PostgreSQL would give a constraint: `orders_user_id_fkey`."""
    return "_".join((table, *columns, kind))
