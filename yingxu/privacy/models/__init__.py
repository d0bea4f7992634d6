"""What personal data is used for and what people ask (`rights`); whom it goes to, what was weighed up, what went wrong (`guarding`)."""

from .guarding import Assessment, Breach, Handover, Recipient
from .rights import Consent, Notice, Purpose, Request, Retention, Wording

__all__ = ["Assessment", "Breach", "Consent", "Handover", "Notice", "Purpose", "Recipient", "Request", "Retention", "Wording"]
