"""Tables of the governance area, one import per noun."""

from steerco.areas.govern.registers.decision import Decision

__all__ = ["Decision"]
