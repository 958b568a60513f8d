"""The course's web page: upload a picture, see every face with its seven probabilities; the same as JSON.

    python -m faceapp.web --port 8000          or, in a notebook:  page = web.serve(port=0); page.url; page.stop()

POST /api/predict  multipart `image` -> {"faces": [{"box": [x, y, w, h], "emotion": ..., "probabilities": {...}}], ...}
POST /api/explain  multipart `image`, also `face` (0 is the largest) and `emotion` -> a PNG, where occlusion lowers the logit
GET  /healthz      {"status": "ok", "network": which network answers, and how}

Whatever is refused gets its status of HTTP, and {"error": a sentence that says what to do}.
"""

from helpers import environment

try:
    from .app import create_app
    from .serving import Page, serve
except ModuleNotFoundError as absent:
    raise ImportError(environment.lacks(absent.name), name=absent.name) from absent

__all__ = ["Page", "create_app", "serve"]
