"""What the roster hears of; here it also says what stands in building groups, and who may lead them."""

from . import candidates, redrawing  # noqa: F401  register on import
