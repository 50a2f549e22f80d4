"""Changes to the city by its administrator: decided once, shown as a proposal, then recorded."""
