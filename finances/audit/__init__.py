"""The audit trail: rows appended in the transaction of their action, sealed afterwards, verified by a command."""

from finances.audit.recording import record

__all__ = ["record"]
