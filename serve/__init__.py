"""What is offered: all HTTP and all Ray."""
