"""The exercises of notebook 16: answers that their checks must reject, and others that they must accept."""

APP = """def make_app():
    app = flask.Flask("mine")

    @app.post("/predict")
    def predict():
        data = flask.request.get_data()
{body}
        return {{"probabilities": faces[0].as_dict()["probabilities"]}}

    return app"""
LARGE = "        if len(data) > 100_000:\n            return {'error': 'large'}, 413\n"
DECODE = "        try:\n            faces = small(faceapp.picture(data))\n        except ValueError as problem:\n            return {'error': str(problem)}, 415\n"
FACE = "        if not faces:\n            return {'error': 'no face'}, 422\n"

ANSWERS = [
    {
        "wrong": [f"megabytes = {value}" for value in (3_600, 10.8, 10_299.68, 10_800_000_000, 43_200, 900)],
        "right": ["megabytes = 10800", "megabytes = 6e4 * 6e4 * 3 / 1e6"],
    },
    {
        "wrong": [
            APP.format(
                body=LARGE
                + DECODE
                + "        faces = faces or [faceapp.Face(faceapp.Box(0, 0, 1, 1), np.full(7, 1 / 7))]"
            ),
            APP.format(body=DECODE + FACE),
            APP.format(body=LARGE.replace("100_000", "1_000") + DECODE + FACE),
            APP.format(body=LARGE.replace("100_000", "150_000") + DECODE + FACE),
            APP.format(body=LARGE + DECODE + FACE).replace('faces[0].as_dict()["probabilities"]', '{"a": 1.0}'),
            APP.format(body=LARGE + DECODE + FACE).replace('faces[0].as_dict()["probabilities"]', "[1.0]"),
            APP.format(body=LARGE + DECODE + FACE).replace("/predict", "/elsewhere"),
            "def make_app():\n    return flask.Flask(1)",
            APP.format(body=LARGE + "        faces = small(faceapp.picture(data))\n" + FACE),
            APP.format(body=LARGE + DECODE.replace("415", "400") + FACE),
            APP.format(body=LARGE + DECODE + FACE).replace('"probabilities": faces', '"result": faces'),
        ],
        "right": [
            APP.format(body=LARGE + DECODE + FACE),
            "def make_app():\n    app = flask.Flask('x')\n    app.config['MAX_CONTENT_LENGTH'] = 100_000\n"
            "    @app.post('/predict')\n    def predict():\n        data = flask.request.get_data()\n        try:\n"
            "            faces = small(faceapp.picture(data))\n        except ValueError:\n            return 'no picture', 415\n"
            "        return ({'probabilities': faces[0].as_dict()['probabilities']}, 200) if faces else ('no face', 422)\n    return app",
        ],
    },
]
