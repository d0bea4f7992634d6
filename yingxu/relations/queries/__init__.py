"""Questions about classes, prospects and care. What is a customer's is seen by whoever may see the customer."""

from .care import (
    CareWish,
    birthdays_of,
    care_counts,
    care_listed,
    care_of,
    care_rules,
    care_wish,
    due,
    month_of,
    next_birthday,
)
from .classes import (
    SORTS,
    Wish,
    asked,
    choices,
    counts,
    explained,
    for_export,
    industries,
    listed,
    runs,
    sizes,
    turns,
)
from .prospects import (
    PROSPECT_SORTS,
    Pipeline,
    ProspectWish,
    board,
    conversion,
    facts_of,
    lost_reasons,
    name_of,
    pipeline,
    prospect_wish,
    prospects_for_export,
    prospects_listed,
    prospects_matching,
    prospects_of,
    prospects_seen,
)
from .rulebooks import content, exported, rulebook, version, versions

__all__ = [
    "PROSPECT_SORTS", "SORTS", "CareWish", "Pipeline", "ProspectWish", "Wish", "asked", "birthdays_of", "board", "care_counts", "care_listed", "care_of",
    "care_rules", "care_wish", "choices", "content", "conversion", "counts", "due", "explained", "exported", "facts_of", "for_export", "industries",
    "listed", "lost_reasons", "month_of", "name_of", "next_birthday", "pipeline", "prospect_wish", "prospects_for_export", "prospects_listed", "prospects_matching",
    "prospects_of", "prospects_seen", "rulebook", "runs", "sizes", "turns", "version", "versions",
]  # fmt: skip
