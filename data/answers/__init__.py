"""The planner's questions and answers, as they go over the wire."""
