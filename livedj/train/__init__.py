"""How the model in models/ is made. Needs the extra `livedj[train]`."""
