"""Tables, checklist, methods text, reports. Imports metrics, decode, zoo, files and core."""
