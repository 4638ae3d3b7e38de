"""The EWS usage report of the Microsoft 365 admin center, and what of it belongs in a description."""

from pexgen.ews_usage._entries import NAME_IT, entries, name_of
from pexgen.ews_usage._insert import with_kept
from pexgen.ews_usage._report import ReportedApplication, UsageReport, read_report

__all__ = ["NAME_IT", "ReportedApplication", "UsageReport", "entries", "name_of", "read_report", "with_kept"]
