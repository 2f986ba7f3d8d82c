"""The planner as tools for other agents, over the Model Context Protocol; each asks the HTTP endpoint."""
