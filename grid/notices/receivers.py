from . import handover, redrawing

__all__ = ["handover", "redrawing"]
