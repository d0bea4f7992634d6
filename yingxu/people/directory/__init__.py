"""Departments and staff from a spreadsheet: read, looked at, applied through the verbs of the room, undone."""
