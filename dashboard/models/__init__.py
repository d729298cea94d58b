"""What people at the console write themselves: their words, and nothing that is true of the money."""

from dashboard.models.note import Note
from dashboard.models.saved_view import SavedView

__all__ = ["Note", "SavedView"]
