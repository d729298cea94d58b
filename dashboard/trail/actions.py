"""What people read for each action of the audit trail."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "paydesk.customer.viewed": _("Looked at a customer"),
    "paydesk.search.made": _("Searched"),
    "paydesk.export.made": _("Took an export"),
    "paydesk.export.requested": _("Asked for an export"),
    "paydesk.export.complete": _("An export’s file is ready"),
    "paydesk.export.failed": _("An export failed"),
    "paydesk.export.downloaded": _("Downloaded an export"),
    "paydesk.export.removed": _("Removed an export"),
    "paydesk.access.logged_in": _("Logged in"),
    "paydesk.access.logged_out": _("Logged out"),
    "paydesk.access.failed": _("A log-in failed"),
    "paydesk.user.made": _("Made an account"),
    "paydesk.user.renamed": _("Changed a log-in name"),
    "paydesk.user.role_given": _("Gave a role"),
    "paydesk.user.role_taken": _("Took a role away"),
    "paydesk.user.right_given": _("Gave a single right"),
    "paydesk.user.right_taken": _("Took a single right away"),
    "paydesk.role.right_given": _("Gave a role more rights"),
    "paydesk.role.right_taken": _("Took rights from a role"),
    "paydesk.user.rights_changed": _("Changed what an account may do"),
    "paydesk.user.password_set": _("Set another person’s password"),
    "paydesk.resync.requested": _("Asked for a resync"),
    "paydesk.resync.paused": _("Paused a resync"),
    "paydesk.resync.resumed": _("Resumed a resync"),
    "paydesk.resync.retried": _("Had a resync’s failures tried again"),
    "paydesk.resync.cancelled": _("Cancelled a resync"),
    "paydesk.resync.complete": _("A resync ended complete"),
    "paydesk.resync.partial": _("A resync ended partial"),
    "paydesk.resync.failed": _("A resync failed"),
    "paydesk.comparison.requested": _("Asked for a comparison with Stripe"),
    "paydesk.comparison.paused": _("Paused a comparison"),
    "paydesk.comparison.resumed": _("Resumed a comparison"),
    "paydesk.comparison.retried": _("Had a comparison’s failures tried again"),
    "paydesk.comparison.cancelled": _("Cancelled a comparison"),
    "paydesk.comparison.complete": _("A comparison ended complete"),
    "paydesk.comparison.partial": _("A comparison ended partial"),
    "paydesk.comparison.failed": _("A comparison failed"),
    "paydesk.replay.requested": _("Asked for webhooks to be processed again"),
    "paydesk.replay.complete": _("A replay ended complete"),
    "paydesk.replay.partial": _("A replay ended partial"),
    "paydesk.erasure.made": _("Erased a customer"),
    "paydesk.note.written": _("Wrote a note"),
    "paydesk.note.changed": _("Changed a note"),
    "paydesk.note.deleted": _("Deleted a note"),
    "paydesk.saved_view.saved": _("Kept a view of a list"),
    "paydesk.saved_view.changed": _("Changed a view of a list"),
    "paydesk.saved_view.removed": _("Removed a view of a list"),
    "paydesk.catch_up.requested": _("Asked for a comparison of events"),
    "paydesk.audit.verified": _("The audit trail was verified: whole"),
    "paydesk.audit.broken": _("The audit trail was verified: broken"),
}
"""A test holds them against the actions that the code records."""

KINDS = {
    "view": (_("Views"), ("customer",)),
    "search": (_("Searches"), ("search",)),
    "export": (_("Exports"), ("export",)),
    "log-in": (_("Log-ins"), ("access",)),
    "role": (_("Roles"), ("user",)),
    "resync": (_("Resyncs"), ("resync", "comparison")),
    "note": (_("Notes"), ("note",)),
    "saved-view": (_("Saved views"), ("saved_view",)),
    "erasure": (_("Erasures"), ("erasure",)),
    "webhook": (_("Webhooks"), ("replay", "catch_up")),
    "audit": (_("Verifications"), ("audit",)),
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
