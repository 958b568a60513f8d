"""python -m faceapp.web [--port 8000] [--host 127.0.0.1] [--name page.example]"""

import argparse
import ctypes
import os
import signal
import sys


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl+C or SIGTERM, then finish what is in flight."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from helpers.files import CourseError

    from . import __doc__ as about
    from . import serve

    parser = argparse.ArgumentParser(
        prog="python -m faceapp.web", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only; 0.0.0.0: whoever reaches it")
    parser.add_argument("--name", action="append", default=[], help="a further name of it: that of a proxy in front")
    wanted = parser.parse_args(arguments)
    try:
        # as Ctrl+C; the system would ignore it in a container, where this is process 1
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        give_memory_back()
        with serve(host=wanted.host, port=wanted.port, names=tuple(wanted.name)) as page:
            print(page, "· stop with Ctrl+C", flush=True)
            page.thread.join()
    except CourseError as problem:  # a port that is taken, weights that are missing
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", flush=True)
    return 0


def give_memory_back() -> None:
    """Let the allocator return what is large and free to the system; it would keep an upload or two for every thread."""
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # of glibc; other libraries do without
        if set_option:
            set_option(-3, 2**20)  # M_MMAP_THRESHOLD


if __name__ == "__main__":
    sys.exit(main())
