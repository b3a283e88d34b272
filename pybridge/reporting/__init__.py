"""Tables, checklist, methods text, reports. Imports the knowledge rooms and core."""
