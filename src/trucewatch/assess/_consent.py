"""Whether a notice stood when something began: nobody had withdrawn it, nobody entitled objected.

Everything is judged as of the beginning of the act. A step that was logged by then counts; one that
was only dated before it makes what it would change unknown. So nothing that is logged after an act
can excuse it, and nothing that is logged after it can take away for sure what excused it. A step
that was struck only after the act is unknown too: striking it settles nothing of that act.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.assess._early import both_times, ever, known_by

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step


def stands(record: Record, agreement: Agreement, start: datetime) -> tuple[bool | None, list[Json]]:
    """Return whether a notice stood at an instant, and every objection and withdrawal there is.

    An objection counts only where the agreement provides for it: where the addressee may object
    (`consent`), and only of an addressee. Only the same party lifts it, by approving; that it
    acknowledges the notice, or that somebody closes it, lifts nothing. The notifier can do neither.

    Args:
        record: The notice.
        agreement: What provides for it.
        start: When the act began.
    """
    against: list[bool | None] = [
        known_by(record, step, start) for step in ever(record, "withdrawn")
    ]
    asked = may_object(record, agreement)
    against += [objects(record, party, start) for party in sorted(asked)]
    steps = ever(record, "objected", "withdrawn")
    told: list[Json] = [{"act": step.act, **both_times(step)} for step in steps]
    return all_hold([None if each is None else not each for each in against]), told


def may_object(record: Record, agreement: Agreement) -> set[str]:
    """Return who may object to a notice: the addressees of its duty, where that says so.

    A body may, and so may each of its members. A notice that names no duty of its own activity
    falls under every duty of that activity.
    """
    detail = record.opening.detail
    fitting = [n for n in agreement.provisions.notices if n.activity == detail["activity"]]
    named = [notice for notice in fitting if notice.id == detail.get("notice")]
    to = {each for notice in named or fitting if notice.consent for each in notice.to}
    bodies = [body for body in agreement.mechanism.bodies if body.id in to]
    members = {member.who for body in bodies for member in body.members}
    return (to | members) - {str(detail["party"])}


def objects(record: Record, party: str, start: datetime) -> bool | None:
    """Return whether an objection of a party stood at an instant.

    It is lifted for sure by an approval that was surely given by then and that comes later both in
    the log and by the dates claimed; it stands for sure when nothing may have lifted it.
    """
    of_party = [s for s in ever(record, "objected", "approved") if s.detail["party"] == party]
    approvals = [step for step in of_party if step.act == "approved"]
    found: list[bool | None] = []
    for step in of_party:
        sure = known_by(record, step, start)
        if step.act == "approved" or sure is False or _surely_lifted(record, step, start):
            continue
        lifted = any(
            known_by(record, each, start) is not False
            and (each.entry > step.entry or each.at > step.at)
            for each in approvals
        )
        found.append(None if lifted else sure)
    return True if True in found else None if None in found else False


def agrees(record: Record, party: str, start: datetime) -> bool | None:
    """Return whether a party had acknowledged or approved a notice and did not object."""
    steps = [s for s in ever(record, "acknowledged", "approved") if s.detail["party"] == party]
    given = [known_by(record, step, start) for step in steps]
    said = True if True in given else None if None in given else False
    objected = objects(record, party, start)
    return all_hold([said, None if objected is None else not objected])


def all_hold(answers: Collection[bool | None]) -> bool | None:
    """Return whether all hold; None when none fails and some are unknown."""
    return False if False in answers else None if None in answers else True


def _surely_lifted(record: Record, objection: Step, start: datetime) -> bool:
    return any(
        known_by(record, each, start) is True
        and each.detail["party"] == objection.detail["party"]
        and each.entry > objection.entry
        and each.at >= objection.at
        for each in record.all("approved")
    )
