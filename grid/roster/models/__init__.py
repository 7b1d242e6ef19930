"""Who lives where: estates, households and residents, levels four and five of the mobilisation hierarchy."""

from .estates import Estate, EstateGroup
from .households import Household, HouseholdQuerySet, HouseholdSpan
from .imports import ColumnMemory, ImportedFile, RosterImport
from .residents import (
    ADULT_FROM,
    ELDERLY_FROM,
    EarlierTerm,
    Resident,
    ResidentQuerySet,
    ResidentSpan,
    completed_years,
    years_before,
)

__all__ = [
    "ADULT_FROM",
    "ELDERLY_FROM",
    "ColumnMemory",
    "EarlierTerm",
    "Estate",
    "EstateGroup",
    "Household",
    "HouseholdQuerySet",
    "HouseholdSpan",
    "ImportedFile",
    "Resident",
    "ResidentQuerySet",
    "ResidentSpan",
    "RosterImport",
    "completed_years",
    "years_before",
]
