"""What a piece of sound is: one front end and one network, live and offline."""
