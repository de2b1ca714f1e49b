"""What the database refuses of attendances and decisions, as conditions over NEW and OLD.

Invariant: portable SQL that means the same on both engines; a comparison that may meet NULL says
``IS [NOT] DISTINCT FROM``, for a guard whose condition is unknown refuses nothing.
"""

from kit import triggers

BEGUN_DECIDED = (
    "NEW.status NOT IN ('open', 'submitted') OR NEW.available_on IS NOT NULL"
    " OR NEW.asked_revision IS NOT NULL"
)
#: what is credited changes only into the very times that an amendment asked for
SETTLED = (
    "OLD.status IN ('credited', 'rejected', 'voided') AND"
    " (NEW.checked_in_at IS DISTINCT FROM OLD.checked_in_at"
    " OR NEW.checked_out_at IS DISTINCT FROM OLD.checked_out_at"
    " OR NEW.revision IS DISTINCT FROM OLD.revision"
    " OR NEW.shift_id IS DISTINCT FROM OLD.shift_id"
    " OR NEW.available_on IS DISTINCT FROM OLD.available_on)"
    " AND NOT (OLD.status = 'credited' AND NEW.status = 'credited'"
    " AND OLD.asked_revision IS NOT NULL AND NEW.asked_revision IS NULL"
    " AND NEW.revision IS NOT DISTINCT FROM OLD.asked_revision"
    " AND NEW.checked_in_at IS NOT DISTINCT FROM OLD.asked_in_at"
    " AND NEW.checked_out_at IS NOT DISTINCT FROM OLD.asked_out_at"
    " AND (NEW.shift_id = OLD.shift_id AND OLD.asked_shift_id IS NULL"
    " OR NEW.shift_id IS NOT DISTINCT FROM OLD.asked_shift_id))"
)
#: an amendment waits as it was asked for, by somebody whose record says so
ASKED_OFF_RECORD = (
    "NEW.asked_revision IS NOT NULL"
    " AND (NEW.asked_revision IS DISTINCT FROM OLD.asked_revision"
    " OR NEW.asked_in_at IS DISTINCT FROM OLD.asked_in_at"
    " OR NEW.asked_out_at IS DISTINCT FROM OLD.asked_out_at"
    " OR NEW.asked_shift_id IS DISTINCT FROM OLD.asked_shift_id)"
    " AND (OLD.asked_revision IS NOT NULL OR NOT EXISTS ("
    "SELECT 1 FROM attendance_records r WHERE r.community_id = NEW.community_id"
    " AND r.attendance_id = NEW.id AND r.revision = NEW.asked_revision))"
)
#: hours were counted by them
BREAKS_DECIDED = (
    "NEW.breaks IS DISTINCT FROM OLD.breaks"
    " AND OLD.status NOT IN ('open', 'auto_closed', 'submitted')"
)
#: a scan is taken back by whoever made it, within two minutes, and only that very scan
_TAKEN_BACK = (
    "NEW.kind = 'undo' AND NOT EXISTS (SELECT 1 FROM attendance_records s"
    " WHERE s.community_id = NEW.community_id AND s.id = NEW.undoes_id"
    " AND s.attendance_id = NEW.attendance_id AND s.actor_id = NEW.actor_id"
    " AND s.kind IN ('check_in', 'check_out') AND NEW.at >= s.at AND {in_time})"
)
#: the engines reckon with instants each in its own way; of SQLite's text the fraction is kept as is
UNDONE_LATE = {
    "sqlite": _TAKEN_BACK.format(
        in_time="NEW.at <= strftime('%Y-%m-%dT%H:%M:%S', substr(s.at, 1, 19), '+2 minutes')"
        " || substr(s.at, 20)"
    ),
    "postgresql": _TAKEN_BACK.format(in_time="NEW.at <= s.at + interval '2 minutes'"),
}
#: what a stay was taken back to: its last scan is undone, and that is on record
UNDONE_OFF_RECORD = (
    "(OLD.status = 'open' AND NEW.status = 'voided'"
    " OR OLD.status = 'submitted' AND NEW.status = 'open')"
    " AND NOT EXISTS (SELECT 1 FROM attendance_records r"
    " JOIN attendance_records s ON s.community_id = r.community_id AND s.id = r.undoes_id"
    " WHERE r.community_id = NEW.community_id AND r.attendance_id = NEW.id"
    " AND (OLD.status = 'open' AND s.kind = 'check_in' AND s.at = OLD.checked_in_at"
    " OR OLD.status = 'submitted' AND s.kind = 'check_out' AND s.at = OLD.checked_out_at))"
)
OWN_DECISION = (
    "EXISTS (SELECT 1 FROM attendances a"
    " JOIN people beneficiary ON beneficiary.community_id = a.community_id"
    " AND beneficiary.id = a.person_id"
    " JOIN people decider ON decider.community_id = a.community_id"
    " AND decider.id = NEW.decided_by"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.attendance_id"
    " AND (beneficiary.id = decider.id OR beneficiary.household_id = decider.household_id))"
    " OR EXISTS (SELECT 1 FROM attendance_records r WHERE r.community_id = NEW.community_id"
    " AND r.attendance_id = NEW.attendance_id AND r.actor_id = NEW.decided_by)"
    " OR EXISTS (SELECT 1 FROM approvals p WHERE p.community_id = NEW.community_id"
    " AND p.attendance_id = NEW.attendance_id AND p.revision = NEW.revision"
    " AND p.decided_by = NEW.decided_by)"
)
#: a duty that was declared to earn hours alone
POINTS_UNPAID = (
    "NEW.points > 0 AND EXISTS (SELECT 1 FROM attendances a"
    " JOIN shifts s ON s.community_id = a.community_id AND s.id = a.shift_id"
    " LEFT JOIN red_posts p ON p.community_id = s.community_id AND p.id = s.red_post_id"
    " LEFT JOIN activities c ON c.community_id = s.community_id AND c.id = s.activity_id"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.attendance_id"
    " AND (p.earns = 'hours' OR c.earns = 'hours'))"
)
WITHOUT_RIGHT = (
    "NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.community_id = NEW.community_id"
    " AND g.person_id = NEW.decided_by AND g.withdrawn_at IS NULL"
    " AND (g.role = 'manager' OR g.role = 'captain' AND EXISTS ("
    "SELECT 1 FROM attendances a JOIN shifts s ON s.community_id = a.community_id"
    " AND s.id = a.shift_id WHERE a.community_id = NEW.community_id"
    " AND a.id = NEW.attendance_id AND (s.captain_id = NEW.decided_by"
    " OR EXISTS (SELECT 1 FROM shift_deputies d WHERE d.community_id = s.community_id"
    " AND d.shift_id = s.id AND d.person_id = NEW.decided_by)))))"
)
CREDIT_UNAPPROVED = (
    "NEW.status IN ('approved', 'credited')"
    " AND (OLD.status <> NEW.status"
    " OR OLD.asked_revision IS NOT NULL AND OLD.revision <> NEW.revision)"
    " AND NOT EXISTS (SELECT 1 FROM approvals p WHERE p.community_id = NEW.community_id"
    " AND p.attendance_id = NEW.id AND p.revision = NEW.revision"
    " AND p.decision = 'approve')"
)


def stand() -> None:
    """Register each of them; called once, where the tables are."""
    for engine, late in UNDONE_LATE.items():
        name = f"attendance_records_undone_in_time_{engine}"
        table = "attendance_records"
        triggers.register(triggers.Trigger(name, table, "INSERT", "not_allowed", late, only=engine))
    for name, table, deed, code, condition in _GUARDS:
        triggers.guard(name, table, deed, code, condition)


#: name, table, deed, code of the refusal, and when it is refused
_GUARDS = (
    ("attendances_begin_undecided", "attendances", "INSERT", "not_allowed", BEGUN_DECIDED),
    ("attendances_times_settled", "attendances", "UPDATE", "already_decided", SETTLED),
    (
        "attendances_asked_on_record",
        "attendances",
        "UPDATE",
        "not_allowed",
        ASKED_OFF_RECORD,
    ),
    (
        "attendances_undone_on_record",
        "attendances",
        "UPDATE",
        "not_allowed",
        UNDONE_OFF_RECORD,
    ),
    (
        "attendances_breaks_decided",
        "attendances",
        "UPDATE",
        "already_decided",
        BREAKS_DECIDED,
    ),
    ("awards_points_unpaid", "awards", "INSERT", "not_allowed", POINTS_UNPAID),
    ("approvals_not_own", "approvals", "INSERT", "own_approval", OWN_DECISION),
    ("approvals_by_right", "approvals", "INSERT", "not_allowed", WITHOUT_RIGHT),
    (
        "attendances_credit_needs_approval",
        "attendances",
        "UPDATE",
        "not_allowed",
        CREDIT_UNAPPROVED,
    ),
)
