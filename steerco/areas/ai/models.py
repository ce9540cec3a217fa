"""Tables of the AI delivery area, one import per noun."""

from steerco.areas.ai.registers.dataset import Dataset

__all__ = ["Dataset"]
