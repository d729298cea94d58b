"""What has to be read again of what failed."""

from collections.abc import Sequence

from finances.mirror import known_account_id, type_of_id
from finances.models import ResyncFinding
from finances.resync.findings import all_of, nameless
from finances.resync.plan import PlannedPart, parts_of
from finances.resync.steps import LISTED, OF_EACH, STAGE, Step, list_of
from finances.resync.targets import target_of


def parts_for(failures: Sequence[ResyncFinding], steps: Sequence[Step]) -> list[PlannedPart]:
    """For each failed object that no failed part reads again anyway; an owner whose list was refused has it read.

    `steps`: of the parts that failed. A failure that names no object, as that of a whole list, is of such a part.
    """
    failed_lists = {step["type"] for step in steps if "filters" in step or "each" in step}
    again = {(step["type"], each) for step in steps for each in [step.get("id"), *step.get("ids", ())] if each}
    objects, lists = [], []
    for failure in failures:
        of = (failure.object_type, failure.object_id)
        owner = type_of_id(failure.object_id)
        if of in again:
            continue
        if failure.object_id == all_of("account"):
            if known := known_account_id():
                lists.append(PlannedPart(STAGE["account"], {"type": "account", "id": known}))
            continue
        if failure.object_id in (all_of(failure.object_type), nameless(failure.object_type)):
            # Of what something pointed at and the key might not read, no part failed.
            if failure.object_type not in failed_lists and failure.object_type in LISTED:
                step = OF_EACH.get(failure.object_type) or {"type": failure.object_type, "filters": {}}
                lists.append(PlannedPart(STAGE[failure.object_type], step))
            continue
        if owner and owner != failure.object_type and failure.object_type in {*OF_EACH, "refund", "dispute"}:
            lists.append(
                PlannedPart(STAGE[failure.object_type], list_of(failure.object_type, owner, failure.object_id))
            )
        elif target_of(*of):
            objects.append(of)
    return [*parts_of(objects), *lists]
