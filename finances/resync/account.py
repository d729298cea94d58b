"""Whose key it is: asked once a run, before anything of it is written, compared or called gone.

Under the key of another account everything that is here looks deleted, and what it lists would be written beside it.
"""

import hashlib
import os
from datetime import datetime
from typing import NamedTuple

from finances import mirror, scopes
from finances.gateway import Gateway, key_variable
from finances.models import ResyncFinding, ResyncRun
from finances.resync.findings import all_of
from finances.stripe_problems import ScopeMissing, StripeProblem


class WrongKey(StripeProblem):
    """The key reads another account, or the other mode, than the objects that are here came from: nothing that it does
    not find is gone."""


class AccountUnknown(StripeProblem):
    """The key may not say whose it is, and nothing is here yet that would: no object can be kept."""

    def __init__(self, refused: ScopeMissing) -> None:
        super().__init__(
            f"{refused.sentence} Every object is kept under its account, so none could be read.", refused.advice
        )
        self.refused = refused


class Proof(NamedTuple):
    """`is_ours`: by Stripe's word; False where it has none. `refused`: the account itself may not be read."""

    is_ours: bool
    refused: ScopeMissing | None = None


_proofs: dict[tuple[str, str], Proof] = {}
"""What this process was told, by run and key. Another key than before may be in the next process's environment."""
MOST_PROOFS = 100


def prove(run: ResyncRun, gateway: Gateway, now: datetime) -> Proof:
    """Raises WrongKey; AccountUnknown where the first resync may not read the account.

    A key that may not read the account is told so in a sentence that names it, and that is Stripe's word too. Where it
    does not, the run goes on and takes nothing for gone: the lists say what there is, whoever may read the account.
    """
    known = mirror.known_account_id()
    key = (str(run.pk), hashlib.blake2b(os.environ.get(key_variable(), "").encode()).hexdigest())
    proof = _proofs.get(key)
    if proof and (proof.refused is None or _is_noted(run)):  # a retry asks again for what was refused
        return proof
    try:
        if known:
            account_id = gateway.account()["id"]
        elif run.kind == ResyncRun.Kind.RESYNC:
            known = account_id = mirror.owner_account_id(gateway, now)
        else:  # nothing is here that could be taken for gone, and nothing is written
            return Proof(is_ours=True)
        proof = Proof(is_ours=True)
        scopes.allowed(["account"])
    except ScopeMissing as problem:
        if not known:
            raise AccountUnknown(problem) from None
        account_id = problem.account_id
        proof = Proof(is_ours=bool(account_id), refused=problem)
    if account_id and account_id != known:
        raise WrongKey(
            "The key belongs to another Stripe account than the objects that are here.",
            "Put the key of that account back, or use another database.",
        )
    while len(_proofs) >= MOST_PROOFS:
        _proofs.pop(next(iter(_proofs)), None)
    _proofs[key] = proof
    return proof


def _is_noted(run: ResyncRun) -> bool:
    return run.findings.filter(kind=ResyncFinding.Kind.FAILED, object_id=all_of("account")).exists()
