"""The tables of the first schema, one module per room; written by regenerate.py."""

from migrations.baseline import (
    api,
    audit,
    kit,
    ledger_1,
    ledger_2,
    messages,
    people_1,
    people_2,
    qr,
    redemption_1,
    redemption_2,
    shifts_1,
    shifts_2,
    shifts_3,
    shifts_4,
    shifts_5,
    treasury,
)

#: in the order in which they can be made: no foreign key points at a later part
PARTS = (
    kit,
    audit,
    ledger_1,
    ledger_2,
    people_1,
    people_2,
    api,
    messages,
    redemption_1,
    redemption_2,
    treasury,
    shifts_1,
    shifts_2,
    shifts_3,
    shifts_4,
    shifts_5,
    qr,
)
