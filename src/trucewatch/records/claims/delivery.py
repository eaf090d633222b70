"""What was promised and what arrived, row by row, as trackers of support list it."""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class DeliveryStage(StrEnum):
    """How far a contribution is; in order, and kept apart: none stands for another."""

    PLEDGED = "pledged"  # promised
    COMMITTED = "committed"  # decided by who may decide it
    ALLOCATED = "allocated"  # set aside for it
    DELIVERED = "delivered"  # said to have arrived
    VERIFIED = "verified"  # seen to have arrived


class DeliveryForm(StrEnum):
    """In which form it is given."""

    LOAN = "loan"
    GRANT = "grant"
    IN_KIND = "in_kind"
    GUARANTEE = "guarantee"


class Handling(StrEnum):
    """Whether its item may be shown to all; a row that does not say is never shown."""

    OPEN = "open"
    TRANSIT = "transit"  # tells how or when something travels
    FACTORY = "factory"  # tells where or how much is made
    HUB_READINESS = "hub_readiness"  # tells what a hub can do


STAGES: tuple[str, ...] = tuple(str(each) for each in DeliveryStage)
"""The stages in order."""

BUDGET = "budget"
"""The provision of rows that are contributions to the budget of the mechanism itself."""

NOT_SAID = "not_said"
"""What `of` holds where no source says what a row fills: it fills nothing, and no gap shrinks."""

AMOUNT = pl.Decimal(38, 6)
"""An amount, exact: 15 digits before the point and 6 after it, with room for sums."""

DELIVERY: dict[str, pl.DataType] = {
    "id": pl.String(),  # unique over all files of a register, for ever
    "donor": pl.String(),  # actor, by id
    "recipient": pl.String(),  # actor, by id
    "stage": pl.String(),  # a `DeliveryStage`
    "of": pl.String(),  # the earlier row or the claim that it fills, by id; or `not_said`
    "provision": pl.String(),  # by id, or `budget`; null when the row does not say
    "domain": pl.String(),  # a domain of the register
    "item": pl.String(),  # in words
    "quantity": AMOUNT,  # null when only a value is given
    "unit": pl.String(),  # as claims write it, such as `UAV_sensor-days`
    "value": AMOUNT,  # null when only a quantity is given
    "currency": pl.String(),  # ISO 4217; never converted
    "form": pl.String(),  # a `DeliveryForm`
    "paid_by": pl.String(),  # the loan or grant that pays for it, by id: the same money
    "announced": pl.Date(),
    "due": pl.Date(),
    "done": pl.Date(),  # when it was delivered or verified; null in earlier stages
    "source": pl.String(),  # in words
    "handling": pl.String(),  # a `Handling`
    "place": pl.String(),  # restricted
    "schedule": pl.String(),  # restricted
    "note": pl.String(),  # restricted: nobody knows what it tells
    "supersedes": pl.String(),  # the row that this one corrects, by id; both are kept
}
"""Contributions, one row for each stage of each that a source tells of."""

REFUSED_CELL: dict[str, pl.DataType] = {
    "row": pl.UInt32(),  # of the sheet, from 1, as spreadsheets number it; null for the whole file
    "column": pl.String(),  # its header; null when the whole row or file is wrong
    "reason": pl.String(),  # what was wrong, what was expected
}
"""What was refused of an import, and why."""

GAP: dict[str, pl.DataType] = {
    "id": pl.String(),  # of the pledge: a row, or the least of the claims that tell of it
    "donor": pl.String(),
    "provision": pl.String(),  # or what the claim names as its object; null when nobody says
    "domain": pl.String(),
    "item": pl.String(),
    "unit": pl.String(),  # of all amounts of the line; a currency for money
    "pledged_low": AMOUNT,
    "pledged_high": AMOUNT,  # null when open
    "delivered_low": AMOUNT,  # said to have arrived, verified or not; null when it is disputed
    "delivered_high": AMOUNT,  # null when open or disputed
    "verified": AMOUNT,  # null when it is disputed
    "gap_low": AMOUNT,  # null when it cannot be computed
    "gap_high": AMOUNT,  # null when it cannot be computed or is open
    "due": pl.Date(),
    "overdue_d": pl.Int64(),  # days since it was due; null when it is not, or has no day
    "hangs_on": pl.String(),  # condition of the promise, in words; null when none is stated
    "why": pl.String(),  # why no gap could be computed, or null
    "claims": pl.String(),  # ids of claims that tell of it, in order, joined by spaces
    "rows": pl.String(),  # ids of rows that count in it, in order, joined by spaces
}
"""What was promised and has not arrived. AMBER+STRICT: never public."""
