"""Mail coming in: bytes into a mail, what sort of mail it is, where it comes from. `reading` and what it stands on touch no tables."""
