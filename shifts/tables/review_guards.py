"""What the database refuses of second looks, objections and moves, as conditions over NEW and OLD.

Invariant: as in attendance_guards: portable SQL that means the same on both engines. Nobody looks
again at, or decides an objection to, what is theirs, their household's, or what they had a hand in.
"""

_PEOPLE = (
    "EXISTS (SELECT 1 FROM attendances a"
    " JOIN people beneficiary ON beneficiary.community_id = a.community_id"
    " AND beneficiary.id = a.person_id"
    " JOIN people decider ON decider.community_id = a.community_id"
    " AND decider.id = NEW.{who}"
    " WHERE a.community_id = NEW.community_id AND a.id = NEW.attendance_id"
    " AND (beneficiary.id = decider.id OR beneficiary.household_id = decider.household_id))"
)
#: what one asked for in this very unit is its outcome, and bars nobody from it
_HAND_IN = (
    "EXISTS (SELECT 1 FROM attendance_records r WHERE r.community_id = NEW.community_id"
    " AND r.attendance_id = NEW.attendance_id AND r.actor_id = NEW.{who}"
    " AND (r.revision IS NULL OR r.revision IS DISTINCT FROM NEW.revision))"
    " OR EXISTS (SELECT 1 FROM approvals p WHERE p.community_id = NEW.community_id"
    " AND p.attendance_id = NEW.attendance_id AND p.decided_by = NEW.{who})"
)
_UNGRANTED = (
    "NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.community_id = NEW.community_id"
    " AND g.person_id = NEW.{who} AND g.withdrawn_at IS NULL AND g.role = 'manager')"
)
OWN_LOOK = f"{_PEOPLE} OR {_HAND_IN}".format(who="looked_by")
LOOK_WITHOUT_RIGHT = _UNGRANTED.format(who="looked_by")
#: who raised it alone takes it back
_RAISED = (
    "EXISTS (SELECT 1 FROM objections o"
    " JOIN people raiser ON raiser.community_id = o.community_id AND raiser.id = o.raised_by"
    " JOIN people decider ON decider.community_id = o.community_id"
    " AND decider.id = NEW.decided_by"
    " WHERE o.community_id = NEW.community_id AND o.id = NEW.objection_id"
    " AND (raiser.id = decider.id OR raiser.household_id = decider.household_id))"
)
OWN_OUTCOME = f"NEW.outcome <> 'withdrawn' AND ({_PEOPLE} OR {_HAND_IN} OR {_RAISED})".format(
    who="decided_by"
)
_NOT_RAISED = (
    "NOT EXISTS (SELECT 1 FROM objections o"
    " WHERE o.community_id = NEW.community_id AND o.id = NEW.objection_id"
    " AND o.raised_by = NEW.decided_by)"
)
OUTCOME_WITHOUT_RIGHT = (
    f"NEW.outcome <> 'withdrawn' AND {_UNGRANTED} OR NEW.outcome = 'withdrawn' AND {_NOT_RAISED}"
).format(who="decided_by")
#: a stay goes to another shift as a move on record says, undecided, or as it was asked for
MOVED_OFF_RECORD = (
    "NEW.shift_id IS DISTINCT FROM OLD.shift_id"
    " AND NOT EXISTS (SELECT 1 FROM shift_moved_stays m"
    " JOIN shift_moves v ON v.community_id = m.community_id AND v.id = m.move_id"
    " WHERE m.community_id = NEW.community_id AND m.attendance_id = NEW.id"
    " AND m.revision = NEW.revision AND v.from_shift_id = OLD.shift_id"
    " AND v.to_shift_id = NEW.shift_id)"
)
