"""Where what people said and what is known of them lies: the one list of every table that hangs from a matter, and what becomes of it
when the matter is destroyed. `tests/house/test_erasing.py` fails for a table or a column of text that is not named here.

GONE: its rows are deleted. BLANK: these columns are emptied and the row stays, for numbers, dates, states and counts. PLAIN: columns of
text that tell nothing of a person (codes, numbers of ours, hashes). The journal and the access log lose their personal part only, by
their own way, so that their seals hold. What lies elsewhere and names no matter is in `sweeping.py`.
"""

GONE = {
    "matters.Note", "matters.Watcher", "matters.Seen", "matters.Presence", "matters.Snooze", "files.File",
    "notices.Notice", "notices.Delivery", "notices.Part", "notices.Attempt",
    "customers.Contact", "customers.Identifier", "customers.Change", "customers.Paper", "customers.Value",
    "needs.Outgoing", "needs.Receipt", "intake.Raw", "portal.TrackingCode",
    "relations.Override", "relations.Birthday", "relations.Care",
}  # fmt: skip
LEDGERS = {"matters.Entry": "journal", "matters.Look": "looks"}
BLANK: dict[str, tuple[str, ...]] = {
    "matters.Matter": ("title", "search"),
    "matters.Admission": ("why",),
    "matters.Failure": ("error",),
    "deadlines.ExtensionRequest": ("reason", "note"),
    "deadlines.Climb": ("words",),
    "approvals.Request": ("title",),
    "approvals.Round": ("subject", "words", "reason"),
    "approvals.Step": ("added_why",),
    "approvals.Seat": ("why", "words"),
    "tasks.Task": ("title", "details", "result", "reason"),
    "tasks.Postponement": ("reason", "note"),
    "meetings.Meeting": ("place", "link", "agenda", "reason"),
    "meetings.Attendee": ("words",),
    "meetings.Minutes": ("text",),
    "privacy.Consent": ("person", "evidence"),
    "privacy.Request": ("applicant", "sealed_contact", "words", "checked_how", "answer"),
    "privacy.Assessment": ("need", "influence", "dangers", "measures", "words"),
    "privacy.Breach": ("happened", "cause", "harm", "measures", "authority", "told_how", "lessons", "words"),
    "customers.Customer": ("name", "industry", "address", "reminder", "remark", "tags", "words"),
    "customers.Contract": ("title", "ours", "theirs", "clauses", "reference", "reason"),
    "customers.Instalment": ("note",),
    "customers.Dealing": ("place", "text", "next_step", "struck_why"),
    "customers.Merge": ("moved", "before"),
    "archives.Custody": ("why",),
    "needs.Need": ("caller", "body", "fields", "tags"),
    "needs.Round": ("reason",),
    "needs.Plan": ("measures",),
    "needs.Result": ("done", "answer", "reason"),
    "needs.Confirmation": ("comment",),
    "needs.Hold": ("reason",),
    "needs.Visit": ("notes",),
    "needs.Raise": ("question", "why", "recommendation", "words"),
    "needs.Delegation": ("words",),
    "intake.ImportRow": ("message",),
    "intake.Received": ("message_id", "refs", "sender_name", "sender_hint", "sealed_sender", "sender_mark", "subject", "left_out", "trouble", "remark"),
    "emergencies.Emergency": ("happened", "standing", "solution"),
    "emergencies.Affected": ("name", "left_why"),
    "emergencies.Telling": ("text",),
    "emergencies.Plan": ("measures",),
    "emergencies.Review": ("well", "badly", "causes", "improvements"),
    "emergencies.Resource": ("place", "notes"),
    "emergencies.Movement": ("reason",),
    "emergencies.Dispatch": ("carrier",),
    "agendas.Item": ("title", "note", "minutes"),
    "api.Attempt": ("answer",),
    "consulting.Consultation": ("named", "purpose", "why_ended", "review"),
    "relations.Move": ("note",),
    "relations.Prospect": ("facts", "reason"),
    "relations.Turn": ("why",),
    "upkeep.Check": ("words",),
    "upkeep.Comment": ("text",),
    "upkeep.Report": ("summary", "risks", "plans"),
    "upkeep.News": ("text",),
    "destruction.Hold": ("why", "lifted_why"),
}  # fmt: skip
PLAIN: dict[str, tuple[str, ...]] = {
    "matters.Matter": ("kind", "number"),
    "matters.Failure": ("listener",),
    "deadlines.Clock": ("pauses",),
    "deadlines.Climb": ("about", "ladder"),
    "deadlines.Told": ("code", "users"),
    "meetings.Meeting": ("uid",),
    "agendas.Agenda": ("figures",),
    "agendas.Item": ("key",),
    "approvals.Request": ("chain", "chain_name", "url", "key"),
    "approvals.Round": ("digest",),
    "approvals.Step": ("name", "code", "within"),
    "approvals.Seat": ("proof",),
    "privacy.Breach": ("fields",),  # kinds of data
    "customers.Contract": ("number", "kind", "currency"),
    "customers.Dealing": ("by_name",),  # of us
    "needs.Need": ("kind",),
    "intake.Received": ("key",),  # a hash: the same mail is not read again
    "emergencies.Resource": ("unit",),
    "portal.Agreement": ("notice",),  # which version was shown
    "relations.Move": ("before", "to", "by_name"),
    "relations.Prospect": ("source",),
    "relations.Reckoned": ("by_rule", "figures"),
    "relations.Standing": ("size", "by_rule", "figures"),
    "relations.Turn": ("old", "new", "figures", "by_name"),
    "upkeep.Check": ("field",),
    "upkeep.Report": ("figures",),
    "api.Delivery": ("event", "key", "sent"),  # names of facts, never what is in them
}  # fmt: skip
APART = {  # another matter's own: a reference to what is destroyed, which has nothing of it
    "matters.Matter.circle", "matters.Overlap.circle", "needs.Need.origin", "needs.Need.merged_into", "needs.Link.a", "needs.Link.b",
    "needs.Visit.found", "intake.Received.maybe", "customers.Contact.reports_to", "customers.Contract.renews", "customers.Dealing.task",
    "agendas.Agenda.previous", "needs.Raise.clock", "privacy.Request.from_matter", "privacy.Purpose.assessment", "privacy.Recipient.assessment",
}  # fmt: skip
KEPT = {"destruction.Proposal", "destruction.Item", "destruction.Certificate"}  # that it was destroyed, by whom, why; the forms ask for no data
