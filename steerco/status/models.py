"""Tables of the status room, one import per noun."""

from steerco.status.registers.declared_status import DeclaredStatus
from steerco.status.results import Forecast, Health, Reading, Snapshot

__all__ = ["DeclaredStatus", "Forecast", "Health", "Reading", "Snapshot"]
