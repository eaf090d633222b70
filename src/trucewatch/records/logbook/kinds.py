"""Every kind of record of the logbook."""

from __future__ import annotations

from trucewatch.records.logbook.asked_for import ASKED_FOR
from trucewatch.records.logbook.cell_request import CELL_REQUEST
from trucewatch.records.logbook.consultation import CONSULTATION
from trucewatch.records.logbook.contact import CONTACT
from trucewatch.records.logbook.duty import DUTY
from trucewatch.records.logbook.inventory import INVENTORY
from trucewatch.records.logbook.notification import NOTIFICATION
from trucewatch.records.logbook.response import RESPONSE
from trucewatch.records.logbook.restriction import RESTRICTION
from trucewatch.records.logbook.sighting import SIGHTING
from trucewatch.records.logbook.visit import VISIT
from trucewatch.records.logbook.window import WINDOW

MACHINES = {
    machine.kind: machine
    for machine in (
        NOTIFICATION,
        WINDOW,
        RESTRICTION,
        SIGHTING,
        VISIT,
        INVENTORY,
        CONTACT,
        DUTY,
        RESPONSE,
        ASKED_FOR,
        CONSULTATION,
        CELL_REQUEST,
    )
}
"""By name; statements of a kind are of type `KIND/v1`."""
