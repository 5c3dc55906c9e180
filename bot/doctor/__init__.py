"""`junzi doctor`: looks at everything a running host needs, and says what to do about each fault.

One topic a file; a check takes the patient and returns Findings (a key and values, no sentences: those are in
`bot/texts/*/doctor.toml`). Nothing here knows a vendor: the patient brings the probes, made up ones in tests.
"""

from bot.doctor.examination import examine
from bot.doctor.patient import Patient
from bot.doctor.report import as_json, as_text

__all__ = ["Patient", "as_json", "as_text", "examine"]
