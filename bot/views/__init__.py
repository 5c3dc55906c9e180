"""From outcomes to messages: which sentence, which values, which buttons. No language, no I/O."""
