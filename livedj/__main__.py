"""`python -m livedj`."""

from livedj.cli import main

if __name__ == "__main__":
    main()
