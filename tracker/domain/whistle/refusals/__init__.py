"""Why a step of a whistle is refused: one file for each theme."""
