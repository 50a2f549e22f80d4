"""Why a step of a whistle may be refused; a file beside each file of the lifecycle."""
