"""python -m faceapp.web [--port 8000] [--host 127.0.0.1]"""

import argparse
import os
import sys


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl+C."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from helpers.files import CourseError

    from . import __doc__ as about
    from . import serve

    parser = argparse.ArgumentParser(
        prog="python -m faceapp.web", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only; 0.0.0.0: whoever reaches it")
    wanted = parser.parse_args(arguments)
    try:
        page = serve(host=wanted.host, port=wanted.port)
    except CourseError as problem:  # a port that is taken, weights that are missing
        print(problem, file=sys.stderr)
        return 1
    print(page, "· stop with Ctrl+C", flush=True)
    if not page.host.startswith("127.") and page.host != "::1":
        print(
            "Whoever can reach this machine can use the page: it asks for no password, and does not encrypt.",
            flush=True,
        )
    try:
        page.thread.join()
    except KeyboardInterrupt:
        page.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
