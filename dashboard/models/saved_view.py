from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

LONGEST_NAME = 80  # characters


class SavedView(models.Model):
    """The conditions of a list under a name. `list`: the name of the list's page; `conditions`: its query string.

    Its owner's own, and where it is `shared` everybody's to open. It goes with its owner's account.
    """

    list = models.CharField(max_length=40)
    name = models.CharField(max_length=LONGEST_NAME)
    conditions = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions = [
            ("share_view", "Can share a view of a list with everybody"),
            ("remove_shared_view", "Can remove views that others share"),
        ]
        constraints = [models.UniqueConstraint("list", "owner", Lower("name"), name="paydesk_view_once")]
        indexes = [models.Index(fields=["list", "shared"], name="paydesk_view_list")]

    def __str__(self) -> str:
        return self.name
