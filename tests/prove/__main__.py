"""`make prove`: run the long proofs, print their table, write docs/proofs.json.

``ONLY="kills races"`` (or names as arguments) runs some of them; ``QUICK=1`` shortens them to fit
12 minutes together; ``SEED=n`` repeats a run. Exit status 0 only if each proof held.
"""

import os
import secrets
import sys

from tests.prove import (
    backups,
    browser,
    calendars,
    closing,
    contests,
    import_faults,
    kills,
    minutes_recount,
    on_paper,
    planted,
    presence,
    races,
    rights,
    rota_years,
    rule_replay,
    scan_load,
    second_opinion,
    speed,
    suites,
)
from tests.prove.table import REGISTER, Run, carry_out, machine, say, write_down

MODULES = (
    suites,
    races,
    contests,
    closing,
    on_paper,
    kills,
    backups,
    import_faults,
    rights,
    second_opinion,
    planted,
    presence,
    rota_years,
    minutes_recount,
    rule_replay,
    scan_load,
    calendars,
    browser,
    speed,
)

#: A quick run guards a change and is repeated for each one: it meets the same deeds each time. New
#: ones are met by the full run, which draws its seed.
REPEATED = 20261122


def main() -> int:
    """Run what was asked for."""
    wanted = sys.argv[1:] or os.environ.get("ONLY", "").split() or list(REGISTER)
    unknown = [name for name in wanted if name not in REGISTER]
    if unknown:
        print(f"no such proof: {', '.join(unknown)}; there are: {', '.join(REGISTER)}")
        return 2
    quick = os.environ.get("QUICK", "") not in ("", "0")
    run = Run(
        quick=quick,
        seed=int(os.environ.get("SEED") or (REPEATED if quick else secrets.randbelow(2**31))),
    )
    print(f"proofs: {'quick' if run.quick else 'full'}, seed {run.seed}, {machine()}")
    outcomes = []
    for name in wanted:
        outcomes.append(carry_out(REGISTER[name], run))
        say(outcomes[-1])
    write_down(outcomes, run)
    held = sum(outcome.held for outcome in outcomes)
    print(f"\n{held} of {len(outcomes)} proofs held; written to docs/proofs.json")
    return 0 if held == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
