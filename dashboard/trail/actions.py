"""What people read for each action of the audit trail."""

ACTIONS = {
    "paydesk.customer.viewed": "Looked at a customer",
    "paydesk.search.made": "Searched",
    "paydesk.export.made": "Took an export",
    "paydesk.export.requested": "Asked for an export",
    "paydesk.export.complete": "An export’s file is ready",
    "paydesk.export.failed": "An export failed",
    "paydesk.export.downloaded": "Downloaded an export",
    "paydesk.export.removed": "Removed an export",
    "paydesk.access.logged_in": "Logged in",
    "paydesk.access.logged_out": "Logged out",
    "paydesk.access.failed": "A log-in failed",
    "paydesk.user.made": "Made an account",
    "paydesk.user.renamed": "Changed a log-in name",
    "paydesk.user.role_given": "Gave a role",
    "paydesk.user.role_taken": "Took a role away",
    "paydesk.user.right_given": "Gave a single right",
    "paydesk.user.right_taken": "Took a single right away",
    "paydesk.role.right_given": "Gave a role more rights",
    "paydesk.role.right_taken": "Took rights from a role",
    "paydesk.user.rights_changed": "Changed what an account may do",
    "paydesk.user.password_set": "Set another person’s password",
    "paydesk.resync.requested": "Asked for a resync",
    "paydesk.resync.paused": "Paused a resync",
    "paydesk.resync.resumed": "Resumed a resync",
    "paydesk.resync.retried": "Had a resync’s failures tried again",
    "paydesk.resync.cancelled": "Cancelled a resync",
    "paydesk.resync.complete": "A resync ended complete",
    "paydesk.resync.partial": "A resync ended partial",
    "paydesk.resync.failed": "A resync failed",
    "paydesk.comparison.requested": "Asked for a comparison with Stripe",
    "paydesk.comparison.paused": "Paused a comparison",
    "paydesk.comparison.resumed": "Resumed a comparison",
    "paydesk.comparison.retried": "Had a comparison’s failures tried again",
    "paydesk.comparison.cancelled": "Cancelled a comparison",
    "paydesk.comparison.complete": "A comparison ended complete",
    "paydesk.comparison.partial": "A comparison ended partial",
    "paydesk.comparison.failed": "A comparison failed",
    "paydesk.replay.requested": "Asked for webhooks to be processed again",
    "paydesk.replay.complete": "A replay ended complete",
    "paydesk.replay.partial": "A replay ended partial",
    "paydesk.erasure.made": "Erased a customer",
    "paydesk.note.written": "Wrote a note",
    "paydesk.note.changed": "Changed a note",
    "paydesk.note.deleted": "Deleted a note",
    "paydesk.saved_view.saved": "Kept a view of a list",
    "paydesk.saved_view.changed": "Changed a view of a list",
    "paydesk.saved_view.removed": "Removed a view of a list",
    "paydesk.catch_up.requested": "Asked for a comparison of events",
    "paydesk.audit.verified": "The audit trail was verified: whole",
    "paydesk.audit.broken": "The audit trail was verified: broken",
}
"""A test holds them against the actions that the code records."""

KINDS = {
    "view": ("Views", ("customer",)),
    "search": ("Searches", ("search",)),
    "export": ("Exports", ("export",)),
    "log-in": ("Log-ins", ("access",)),
    "role": ("Roles", ("user",)),
    "resync": ("Resyncs", ("resync", "comparison")),
    "note": ("Notes", ("note",)),
    "saved-view": ("Saved views", ("saved_view",)),
    "erasure": ("Erasures", ("erasure",)),
    "webhook": ("Webhooks", ("replay", "catch_up")),
    "audit": ("Verifications", ("audit",)),
}
"""What the tabs name, and the nouns of its actions."""


ON_A_TIMELINE = (
    "paydesk.resync.requested",
    "paydesk.comparison.requested",
    "paydesk.note.written",
    "paydesk.note.changed",
    "paydesk.note.deleted",
)
"""What people did about one object, and whoever may see that object sees elsewhere too: on the run, on the note."""


def of_kind(kind: str) -> list[str]:
    return [action for action in ACTIONS if action.split(".")[1] in KINDS[kind][1]]
