"""What a lawyer should look at before an agreement is used; findings are no errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.agreement.questions.duties import about_duties
from trucewatch.agreement.questions.exemptions import about_exemptions
from trucewatch.agreement.questions.mechanism import about_the_mechanism
from trucewatch.agreement.questions.places import about_places
from trucewatch.agreement.questions.rules import about_rules
from trucewatch.agreement.questions.whole import about_the_whole

if TYPE_CHECKING:
    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.questions.finding import Finding

_QUESTIONS = (
    about_the_whole,
    about_places,
    about_rules,
    about_exemptions,
    about_duties,
    about_the_mechanism,
)


def lint(agreement: Agreement) -> tuple[Finding, ...]:
    """Return what is unusual or cannot be monitored as written, part by part.

    An agreement without findings can still be a bad one: these are the checks that need no
    judgement.
    """
    return tuple(finding for about in _QUESTIONS for finding in about(agreement))
