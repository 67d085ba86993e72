"""Tables from the real world: any file a colleague sends becomes a frame and a report of what was done to it."""

from regionmap.plans.reading.examine import Examined, Reading, examine, read_table
from regionmap.plans.reading.report import Refusal, Repair, Report

__all__ = ["Examined", "Reading", "Refusal", "Repair", "Report", "examine", "read_table"]
