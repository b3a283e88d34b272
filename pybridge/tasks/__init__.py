"""The verbs: what a user asks for. Every door calls these; imports the rooms below and no door."""
