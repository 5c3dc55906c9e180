"""junzi: the bot that runs a lab's shared GPU server."""
