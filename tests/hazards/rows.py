"""What goes wrong between SQLite and PostgreSQL: every row that a test must answer to.

A test answers by its mark: `@pytest.mark.hazard("A28", "what the tool does")`. A case of
tests/acceptance answers by a line `hazard A28 what the tool does` before its first block.
`scripts/make_hazards.py` writes docs/reference/hazards.md from both.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One hazard: its id, where on the page it stands, and what it is about."""

    id: str
    part: str
    section: str
    title: str


def _rows(text: str) -> Iterator[Row]:
    part = section = ""
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        match word:
            case "##":
                part = rest
            case "###":
                section = rest
            case _:
                yield Row(word, part, section, rest)


ROWS = tuple(
    _rows(r"""
## What hurts most
### Loss, and what is not the tool's to touch
A1 A lost table or row
A2 A target that Alembic already manages, with a revision of its own
A3 Tables of the target that belong to the application

### Values
A4 A REAL that four bytes can't hold
A5 Milliseconds since 1970 in a datetime column
A6 Seconds since 1970 and ISO text in one column
A7 A datetime with an offset
A8 A local time that names no zone
A9 A fraction of seven digits
A10 Microseconds
A11 A NUL character in text
A12 `\u0000` inside JSON
A13 Text in a BLOB column that reads like base64
A14 Any BLOB
A15 An empty BLOB, an empty text
A16 Infinity and NaN
A17 A UUID that SQLite turned into a number
A18 A boolean column that holds 2, `'true'`, `'t'`, `''`
A19 A boolean column that only the application knows as one
A20 An INTEGER column whose application reads 32 bits
A21 An integer beyond the target's type
A22 An integer of 2^62 and more
A23 Text, or an empty text, in an INTEGER column
A24 An empty text in a date or datetime column
A25 A date that is none: `'0000-00-00'`
A26 A fraction in an INTEGER column
A27 One bad row among good ones

### Indexes and triggers
A28 A partial unique index
A29 An index predicate in SQLite's own words
A30 A predicate that the application's migrations lost in SQLite itself
A31 An index on an expression
A32 DESC, and where NULLs stand
A33 A unique index that ignores case
A34 A trigger that keeps a table append-only
A35 An append-only table that is emptied all the same
A36 A trigger that its owner had disabled
A37 A trigger that stamps rows as they come in
A38 A trigger that a rebuild of the table lost

### Keys and names
A39 A sequence after the load
A40 An identity column
A41 An AUTOINCREMENT that remembers deleted numbers
A42 An INTEGER PRIMARY KEY without AUTOINCREMENT
A43 Names in mixed case
A44 Reserved words as names
A45 Names that are one name after 63 bytes
A46 Rows whose parent is missing
A47 Foreign keys in a circle
A48 NULL in a primary key
A49 WITHOUT ROWID, rowid 0, negative rowids

### Text, types and tables
A50 Bytes that are no UTF-8
A51 JSON that is none, empty, or NaN
A52 A default that only SQLite understands
A53 A declared type that nobody knows
A54 A generated column
A55 A full-text or r-tree table, and its shadow tables
A56 A view
A57 A text longer than its VARCHAR(n)
A58 A number with more digits than its NUMERIC(p, s)

### Size and time
A59 A value too long for its index
A60 A value, or a row, beyond what PostgreSQL holds
A61 More parameters than one INSERT may have
A62 Large rows in batches of a fixed number
A63 A database larger than memory
A64 An interruption after hours
A65 A long copy, and the application stopped as long
A66 A source in WAL mode, or still written

### Reading, and what comes after
A67 A collation or function that only the application has
A68 A column whose first thousand values say nothing of the rest
A69 A column of NULLs only
A70 Values that are one in the target's collation
A71 An index that nobody misses until the application is slow
A72 A wait without a word
A73 An index under another name
A74 Rows that the target already has
A75 A message that names neither row nor column
A76 A comparison after the flip

## One system of two files
### Datetimes
H1 Seven digits become six
H2 Five ways to write a time, several in a column
H3 Text without a zone, read in the session's
H4 Offsets that are not zero
H5 An order by text that is none by time
H6 The first and the last date as stand-ins
H7 `24:00:00`, and an empty text for no date

### Booleans and numbers
H8 Other numbers than 0 and 1 in a boolean column
H9 A NULL that the application reads as its default
H10 Counters of 64 bits, costs in REAL
H11 Any storage class in any column

### Text
H12 NUL characters and broken UTF-8 in logs
H13 Byte order here, a language's order there
H14 NULL and an empty text in a text key; spaces at the end
H15 Tables whose names differ by case

### JSON
H16 jsonb orders keys anew
H17 What jsonb refuses
H18 NULL, JSON's null, `[]` and an empty text
H19 Drivers that give jsonb as text, or as an object

### Keys
H20 Identities that a load doesn't move
H21 Ids that other columns repeat as text
H22 Ids that only look like UUIDs

### Constraints
H23 Foreign keys on one side only
H24 A delete that cascades on one side only
H25 Rows that were legal under an older index
H26 Append-only, proved by trying
H27 INSERT OR REPLACE, and ON CONFLICT DO UPDATE
H28 A number made as the greatest and one
H29 NULLs first, NULLs last
H30 A column or table that one set forgot

### Process
H31 A file copied without its `-wal`
H32 Two files, two moments
H33 Cutting over again after going back
H34 What was written after the flip
H35 A misspelt flag
H36 Rows in the middle of something
H37 What should not come along
H38 A failure that exits 0

## Construct by construct
### Types and affinity
C1.1 Affinity by parts of the declared type
C1.2 Any storage class in a column
C1.3 INTEGER, INT, TINYINT
C1.4 REAL, FLOAT, DOUBLE
C1.5 NUMERIC(p, s), DECIMAL(p, s)
C1.6 VARCHAR(n)
C1.7 BLOB, and a default written as `x'00ff'`
C1.8 BOOLEAN, and integers that are one
C1.9 DATETIME, TIMESTAMP, DATE
C1.10 JSON
C1.11 Text with NUL characters or broken UTF-8
C1.12 Integers that overflowed into REAL
C1.13 Type names that PostgreSQL doesn't take

### Keys, identity, table options
C2.1 INTEGER PRIMARY KEY is the rowid; INT PRIMARY KEY is not
C2.2 AUTOINCREMENT
C2.3 A rowid that no column shows
C2.4 NULL in a primary key
C2.5 WITHOUT ROWID, STRICT
C2.6 UNIQUE with NULLs, and with mixed storage classes
C2.7 A unique constraint, or a unique index
C2.8 Names of constraints, given twice

### Defaults
C3.1 `CURRENT_TIMESTAMP`
C3.2 `datetime('now')`
C3.3 `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
C3.4 `CURRENT_DATE`, `CURRENT_TIME`, `date('now')`
C3.5 `unixepoch()`, `strftime('%s', 'now')`
C3.6 `julianday('now')`
C3.7 `lower(hex(randomblob(16)))`
C3.8 `datetime('now', 'localtime')`
C3.9 0, 1, TRUE, FALSE on a boolean
C3.10 A string in double quotes
C3.11 `NULL`, `-1`, `1e3`, `'it''s'`

### CHECK expressions
C4.1 A number as a condition
C4.2 `json_valid(x)`
C4.3 `GLOB`
C4.4 `LIKE`
C4.5 `REGEXP`
C4.6 Functions and operators of the same name, or none
C4.7 Stored rows that break a CHECK or NOT NULL

### Collation and case
C5.1 `COLLATE NOCASE`
C5.2 `lower()` and `upper()` beyond ASCII
C5.3 The order of text
C5.4 NULLs first, NULLs last
C5.5 `RTRIM`, and collations of the application

### Partial and expression indexes
C6.1 `WHERE x IS NOT NULL`, `WHERE x IN ('a', 'b')`
C6.2 `WHERE flag = 1` on a boolean
C6.3 `WHERE flag` on an integer
C6.4 `WHERE state = "active"`
C6.5 An index on `("nosuch")`
C6.6 `==`, `IS 'x'`, `IS NOT 'x'`
C6.7 `WHERE x` on a text
C6.8 Predicates with LIKE, GLOB, functions or a collation
C6.9 An index on `lower(email)`
C6.10 An index on `json_extract(j, '$.a.b')`
C6.11 An index on `date(ts)`
C6.12 An index on `strftime('%Y', ts)`
C6.13 A column with `COLLATE NOCASE` or `DESC`

### Foreign keys
C7.1 Keys that SQLite never checked
C7.2 What PRAGMA foreign_key_list doesn't tell
C7.3 A child whose type is not its parent's
C7.4 `MATCH FULL`
C7.5 When a foreign key is put back
C7.6 `ON CONFLICT REPLACE` in a table

### Triggers
C8.1 `RAISE(ABORT, …)` before an UPDATE or DELETE
C8.2 The same with `WHEN`
C8.3 `RAISE(FAIL)`
C8.4 `RAISE(IGNORE)`
C8.5 `RAISE(ROLLBACK)`
C8.6 A transaction after `RAISE(ABORT)`
C8.7 A trigger that writes
C8.8 `UPDATE OF a, b`
C8.9 `INSTEAD OF`
C8.10 No `FOR EACH ROW`
C8.11 Several triggers of one event

### Views, virtual tables, generated columns, names
C9.1 Views
C9.2 Full-text and r-tree tables
C9.3 Generated columns
C9.4 Reserved words
C9.5 Upper and lower case
C9.6 Long names
C9.7 Names that share one room in PostgreSQL and not in SQLite
C9.8 Revision ids of more than 32 characters
C9.9 Tables of SQLite's own and of Alembic's
C9.10 DDL as it was typed, comments and all

### What is translated, and by what
C10.1 sqlglot
C10.2 PostgreSQL as the judge of its own words
C10.3 What is translated without asking
C10.4 What never is
""")
)

UNMARKED: frozenset[str] = frozenset()
"""Rows that no test answers to yet. It only shrinks."""
