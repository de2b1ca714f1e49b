"""The bugs that are planted: what is changed where, and which tests are asked.

Invariant: each is a mistake that a hurried change could make.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A piece of text in one file, and what a bug makes of it."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Bug:
    """A named bug."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    #: the file that a quick run asks
    first: tuple[str, ...]


_MODELS = "shifts/tables/attendance_guards.py"

BUGS: tuple[Bug, ...] = (
    Bug(
        "no lock: people's rows are not held while their day is counted",
        (
            Edit(
                "shifts/locks.py",
                ".order_by(Person.id)\n    .with_for_update(key_share=True)\n",
                ".order_by(Person.id)\n",
            ),
        ),
        ("tests/shifts",),
        ("tests/shifts/test_races.py",),
    ),
    Bug(
        "no guard: a balance is lowered without looking at its floor",
        (
            Edit("ledger/guards.py", "now.balance + delta < now.floor:", "False:"),
            Edit("ledger/writing.py", "{{after}} >= floor AND ", ""),
        ),
        ("tests/ledger",),
        ("tests/ledger/test_transfers.py",),
    ),
    Bug(
        "no key: the natural key differs at each try",
        (
            Edit(
                "ledger/entering.py", '"natural_key": draft.key,', '"natural_key": str(ids.new()),'
            ),
        ),
        ("tests/ledger",),
        ("tests/ledger/test_transfers.py",),
    ),
    Bug(
        "swapped sign: a debit raises the balance, a credit lowers it",
        (
            Edit(
                "ledger/entering.py",
                "((leg.debit, -1), (leg.credit, 1))",
                "((leg.debit, 1), (leg.credit, -1))",
            ),
        ),
        ("tests/ledger",),
        ("tests/ledger/test_transfers.py",),
    ),
    Bug(
        "skipped audit entry: a credit leaves none",
        (
            Edit(
                "audit/trail.py",
                "[entry for entry, _ in made]",
                "[entry for entry, _ in made if entry['action'] != str(Action.CREDITED)]",
            ),
        ),
        ("tests/audit", "tests/shifts"),
        ("tests/shifts/test_approvals.py",),
    ),
    Bug(
        "no self-approval check, in the program and in the database",
        (
            Edit(
                "shifts/approval/deciders.py",
                "if attendance.person_id in who.family:",
                "if attendance.person_id in who.family - {person_id}:",
            ),
            Edit(_MODELS, "(beneficiary.id = decider.id OR ", "("),
        ),
        ("tests/shifts",),
        ("tests/shifts/test_deciders.py",),
    ),
    Bug(
        "no self-approval check in the database alone",
        (Edit(_MODELS, "(beneficiary.id = decider.id OR ", "("),),
        ("tests/shifts",),
        ("tests/shifts/test_deciders.py",),
    ),
    Bug(
        "no household check, in the program and in the database",
        (
            Edit(
                "shifts/approval/deciders.py",
                "if attendance.person_id in who.family:",
                "if attendance.person_id == person_id:",
            ),
            Edit(_MODELS, " OR beneficiary.household_id = decider.household_id", ""),
        ),
        ("tests/shifts",),
        ("tests/shifts/test_deciders.py",),
    ),
    Bug(
        "cap ignored",
        (Edit("shifts/rules/sums.py", "kept = min(points, max(cap_left, 0))", "kept = points"),),
        ("tests/shifts",),
        ("tests/shifts/test_sums.py",),
    ),
    Bug(
        "night rate added instead of replaced",
        (
            Edit(
                "shifts/rules/sums.py",
                "(day * rule.points_per_hour + night",
                "((day + night) * rule.points_per_hour + night",
            ),
        ),
        ("tests/shifts",),
        ("tests/shifts/test_sums.py",),
    ),
)
