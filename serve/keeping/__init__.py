"""How long what is known is kept: erased when asked or when its time is over, and handed out whole before."""
