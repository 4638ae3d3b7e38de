"""``python -m pexgen``."""

from pexgen.cli import main

if __name__ == "__main__":
    main()
