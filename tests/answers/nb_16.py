"""The exercises of notebook 16: right answers, and wrong ones with a word of the hint they must get."""

APP = """def make_app():
    app = flask.Flask("mine")

    @app.post("/predict")
    def predict():
        data = flask.request.get_data()
{body}
        return {{"probabilities": faces[0].as_dict()["probabilities"]}}

    return app"""
LARGE = "        if len(data) > 100_000:\n            return {'error': 'large'}, 413\n"
DECODE = (
    "        try:\n            faces = small(faceapp.picture(data))\n"
    "        except ValueError as problem:\n            return {'error': str(problem)}, 415\n"
)
FACE = "        if not faces:\n            return {'error': 'no face'}, 422\n"
GOOD = APP.format(body=LARGE + DECODE + FACE)
PROBABILITIES = 'faces[0].as_dict()["probabilities"]'

ANSWERS = [
    {
        "right": [
            "megabytes = 10800",
            "megabytes = np.float32(6e4 * 6e4 * 3 / 1e6)",
            "megabytes = [60_000**2 * 3 / 10**6]",
        ],
        "wrong": [
            ("megabytes = 3_600", "three channels"),
            ("megabytes = 10.8", "gigabytes"),
            ("megabytes = 10_299.68", "MiB"),
            ("megabytes = 10_800_000_000", "bytes"),
            ("megabytes = 43_200", "four bytes"),
            ("megabytes = 900", "too small"),
        ],
    },
    {
        "right": [
            GOOD,
            GOOD.replace(PROBABILITIES, "dict(zip(CLASSES, map(float, faces[0].probabilities)))"),
            "def make_app():\n    app = flask.Flask('x')\n    app.config['MAX_CONTENT_LENGTH'] = 100_000\n"
            "    @app.post('/predict')\n    def predict():\n        data = flask.request.get_data()\n        try:\n"
            "            faces = small(faceapp.picture(data))\n        except ValueError:\n            return 'no picture', 415\n"
            f"        return ({{'probabilities': {PROBABILITIES}}}, 200) if faces else ('no face', 422)\n    return app",
        ],
        "wrong": [
            (
                APP.format(
                    body=LARGE
                    + DECODE
                    + "        faces = faces or [faceapp.Face(faceapp.Box(0, 0, 1, 1), np.full(7, 1 / 7))]"
                ),
                "without a face",
            ),
            (APP.format(body=DECODE + FACE), "before you decode"),
            (GOOD.replace("100_000", "1_000"), "90 KB"),
            (GOOD.replace("100_000", "150_000"), "before you decode"),
            (GOOD.replace(PROBABILITIES, '{"a": 1.0}'), "seven names"),
            (GOOD.replace(PROBABILITIES, "[1.0]"), "seven names"),
            (GOOD.replace(PROBABILITIES, "dict.fromkeys(CLASSES, 1.0)"), "add up to 7"),
            (GOOD.replace(PROBABILITIES, "dict(zip(CLASSES, np.float32(faces[0].probabilities)))"), "float(p)"),
            (GOOD.replace("/predict", "/elsewhere"), "404"),
            (GOOD.replace("app.post", "app.route"), "405"),
            ("def make_app():\n    return flask.Flask(1)", "AttributeError"),
            (APP.format(body=LARGE + "        faces = small(faceapp.picture(data))\n" + FACE), "catch ValueError"),
            (GOOD.replace("415", "400"), "400, not 415"),
            (GOOD.replace('"probabilities": faces', '"result": faces'), "seven names"),
            (APP.format(body=LARGE + DECODE), "IndexError"),
        ],
    },
]
