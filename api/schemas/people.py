"""People, sign-in, households, cards."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import Flag, In, Instant, Many, Match, Out, Ref, Text, Whole
from api.queries import PageQuery

_ROLES = {"description": "each a role's name (for the community) or {role, unit_id}"}


class TokenIn(In):
    """Who signs in; `community_id` where a phone is known in several communities."""

    phone = Text(most=32, required=True)
    password = Text(most=256, raw=True, required=True)
    community_id = Ref(load_default=None, allow_none=True)


class TokenOut(Out):
    """A bearer token."""

    token = Text(required=True)
    expires_at = Instant(required=True)
    person_id = Ref(required=True)
    community_id = Ref(required=True)
    roles = Many(plain.Raw(metadata=_ROLES), required=True)
    must_set_password = Flag(required=True)


class PasswordIn(In):
    """The password that was, or a sign-in code, and the one to be."""

    old = Text(most=256, raw=True, required=True)
    new = Text(least=8, most=128, raw=True, required=True)


class PersonIn(In):
    """A person to add, with or without a phone."""

    name = Text(most=100, required=True)
    phone = Text(most=32, load_default=None, allow_none=True)
    password = Text(least=8, most=128, raw=True, load_default=None, allow_none=True)
    household_id = Ref(load_default=None, allow_none=True)
    unit_id = Ref(load_default=None, allow_none=True)
    birth_year = Whole(least=1900, most=2200, load_default=None, allow_none=True)
    guardian_id = Ref(load_default=None, allow_none=True)


class PersonChange(In):
    """What to change of a person; `roles` is the whole list."""

    name = Text(most=100)
    phone = Text(most=32, allow_none=True)
    household_id = Ref(allow_none=True)
    unit_id = Ref(allow_none=True)
    birth_year = Whole(least=1900, most=2200, allow_none=True)
    guardian_id = Ref(allow_none=True)
    active = Flag()
    roles = Many(plain.Raw(metadata=_ROLES), most=50)


class PersonOut(Out):
    """A person; a caller without the right to more gets `id` and `name`."""

    id = Ref(required=True)
    name = Text(required=True)
    phone = Text(allow_none=True)
    roles = Many(plain.Raw(metadata=_ROLES))
    household_id = Ref(allow_none=True)
    unit_id = Ref(allow_none=True)
    active = Flag()
    birth_year = Whole(allow_none=True)
    guardian_id = Ref(allow_none=True)


class PeopleQuery(PageQuery):
    """Whom to look for: a part of the name, or of the phone."""

    q = Text(most=100)


class SignInCodeOut(Out):
    """A code that works once as a password."""

    id = Ref(required=True)
    code = Text(required=True)
    expires_at = Instant(required=True)


class PinIn(In):
    """Six digits."""

    pin = Match(r"[0-9]{6}", "not_pin", required=True)


class HouseholdIn(In):
    """Who is one household."""

    person_ids = Many(Ref(), least=1, most=30, required=True)
