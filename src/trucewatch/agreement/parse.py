"""Read an agreement file: strict, every refusal with its line.

The format is `trucewatch/agreement/v1`. Keys may be added to it, never changed or taken away.
"""

from __future__ import annotations

from trucewatch.agreement.agreement import Agreement, Status
from trucewatch.agreement.part import read_part
from trucewatch.agreement.reading.places import span
from trucewatch.agreement.reading.provisions import PROVISIONS, provisions
from trucewatch.agreement.reading.record import fill, told
from trucewatch.agreement.reading.whole import SCHEMA, WHOLE, names_of
from trucewatch.errors import BadAgreement

__all__ = ["SCHEMA", "parse"]


def parse(raw: bytes, *, name: str) -> Agreement:
    """Return the agreement in a file.

    Args:
        raw: The bytes of the file, UTF-8 YAML.
        name: How to name the file in an error message, such as `exercise-box.yaml`.

    Raises:
        BadAgreement: The file is not in the format or contradicts itself; the message names the
            line, what was found and what was expected.
    """
    top = read_part(raw, name=name)
    parts = top.fields(*told(WHOLE))
    parts["schema"].one_of([SCHEMA])
    filled = fill(WHOLE, parts, top, names_of(parts))
    span(filled, "effective", "expires")
    if filled.values["status"] is Status.IN_FORCE and filled.values["effective"] is None:
        problem = "status is in_force and effective is null, must have a date of effect"
        raise BadAgreement(filled.where("status"), problem)
    own = {key: value for key, value in filled.values.items() if key not in PROVISIONS}
    del own["schema"]
    return Agreement(provisions=provisions(filled.values), **own)
