"""Which kinds of rule there are, what each needs to be told, and what must be seen to check it.

One module of the same name in `assess` checks each kind. The table lies here because the parser,
the linter and the published schema read it, and none of them may load the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

SEEN: dict[str, str] = {
    "forces": "forces of a party",
    "hardware": "military hardware other than a weapon of a category",
    "weapon": "a weapon of a category",
    "post": "a post, a bunker or a trench",
    "minefield": "a minefield or mines",
}
"""What a sighting may be of: something that is there, not something that happens."""

MATTERS: dict[str, str] = {
    **SEEN,
    "flight": "a flight, as a track with heights",
    "vessel": "a vessel, as a track",
    "inventory": "weapons counted at a declared site",
    "restriction": "monitors hindered",
    "notice": "a notice given or not",
    "deed": "a duty fulfilled or not",
}
"""What may be shown besides happenings; means of monitoring and rules are matched by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindForm:
    """What a kind of rule is told.

    Attributes:
        text: The kind in words.
        modalities: Which of F, O and P it may have.
        required: Keys of a rule that it needs, besides those that every rule has.
        optional: Keys that it may have.
        needs: Matters that somebody must observe, or "acts" for the rule's own acts, or "matters"
            for its own matters; one that can be observed is enough.
    """

    text: str
    modalities: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


ALWAYS = ("id", "kind", "clause", "source", "modality")
"""Keys that every rule has."""

ANY_KIND = ("who", "terms", "counting_rule", "thresholds", "exemptions", "severity")
"""Keys that a rule of any kind may have."""

KINDS: dict[str, KindForm] = {
    "prohibited_act": KindForm(
        text="an act that is forbidden in a zone",
        modalities=("F",),
        required=("acts", "zone"),
        needs=("acts",),
    ),
    "presence": KindForm(
        text="forces, hardware or weapons that may not be in a zone",
        modalities=("F",),
        required=("matters", "zone"),
        optional=("weapons",),
        needs=("matters",),
    ),
    "standing_state": KindForm(
        text="a post, a bunker or a minefield that may not stand in a zone, as an interval",
        modalities=("F",),
        required=("matters", "zone"),
        needs=("matters",),
    ),
    "withdrawal_distance": KindForm(
        text="weapons kept at a distance from each party's own datum",
        modalities=("O",),
        required=("weapons",),
        optional=("phase", "deadline"),
        needs=("weapon",),
    ),
    "prohibited_flight": KindForm(
        text="flights that may not pass through a zone",
        modalities=("F",),
        required=("zone",),
        needs=("flight",),
    ),
    "vessel_conduct": KindForm(
        text="how vessels move in a corridor",
        modalities=("F", "O"),
        required=("zone", "conduct"),
        needs=("vessel",),
    ),
    "protected_object": KindForm(
        text="an act that is forbidden within a distance of protected objects",
        modalities=("F",),
        required=("acts",),
        optional=("zone", "object_list", "radius_m"),
        needs=("acts",),
    ),
    "obligation": KindForm(
        text="a duty with a deadline, or a notice to be given ahead",
        modalities=("O",),
        optional=("deadline", "notice"),
        needs=("deed", "notice"),
    ),
    "storage_inventory": KindForm(
        text="weapons kept at declared sites and counted there",
        modalities=("O",),
        required=("weapons",),
        optional=("visit_every_d",),
        needs=("inventory",),
    ),
    "disengagement": KindForm(
        text="steps that follow upon days of silence",
        modalities=("F", "O"),
        required=("sequence", "acts"),
        optional=("matters",),
        needs=("acts",),
    ),
    "monitor_access": KindForm(
        text="monitors' access, and interference with them",
        modalities=("F", "O"),
        required=("hindrances",),
        optional=("zone", "delay_max_min"),
        needs=("restriction",),
    ),
    "silence_window": KindForm(
        text="an act that is forbidden around a place while a window of silence is open",
        modalities=("F",),
        required=("acts", "radius_m"),
        optional=("window",),
        needs=("acts",),
    ),
    "text_only": KindForm(
        text="a clause that people apply; software only shows it",
        modalities=("F", "O", "P"),
        optional=("acts", "zone", "matters", "weapons"),
    ),
}
"""Every kind by name."""
