"""How fast, and in how much memory, sources are read: the connectors beside plain pandas, in the same run."""
