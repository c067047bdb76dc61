# Every recipe makes the project's own environment first, where it is missing or out of date.

default: test

# The whole suite, as CI runs it.
test:
    ./scripts/test

# What a developer runs before each commit: two minutes.
check:
    ./scripts/check

# What needs no database: format, lint, types, layers, lengths, and the generated pages.
lint:
    #!/usr/bin/env bash
    set -euo pipefail
    extras=embedded,dev
    source scripts/environment
    ruff format --check .
    ruff check .
    mypy
    lint-imports
    python scripts/function_lengths.py
    python scripts/make_docs.py --check
    python scripts/make_hazards.py --check

# The main job, on data made for it.
demo:
    ./scripts/demo

# Write docs/reference/ from the code, and into the other pages what their commands print.
docs:
    #!/usr/bin/env bash
    set -euo pipefail
    extras=embedded,dev
    source scripts/environment
    python scripts/make_docs.py
    python scripts/make_hazards.py
    python -m tests.docs.console docs/tutorial.md docs/how-to/*.md

# The package alone, without what only developers have: it installs, and says what it can.
smoke:
    #!/usr/bin/env bash
    set -euo pipefail
    folder="$(mktemp -d)"
    trap 'rm -rf "$folder"' EXIT
    "${PYTHON:-python3}" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --constraint constraints.txt .
    "$folder/bin/cutover" --help
