"""What goes well next. Everything here is pure."""
