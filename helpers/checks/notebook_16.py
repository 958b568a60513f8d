"""What is right in the exercises of notebook 16, and the hints for likely mistakes."""

from helpers import CLASSES, checks
from helpers.checks import OPEN, RIGHT, WRONG, say


def exercise_1(answer):
    """The megabytes that a small PNG unfolds to."""
    hints = [
        (3_600.0, "That is for grey; RGB has three channels."),
        (10.8, "Those are gigabytes."),
        (10_299.68, "Those are MiB, of 2^20 bytes; a megabyte here has 10^6."),
        (10_800_000_000.0, "Those are bytes; a megabyte has 10^6."),
        (43_200.0, "That would be four bytes a channel, as float32. Here it is one."),
        (450.0, "That is one bit a pixel, as in the file; in memory each channel takes a byte."),
    ]
    return checks.number(answer, 10_800.0, hints)


def exercise_2(answer, bodies):
    """The app's answers to five bodies: a picture, no picture, too many bytes, no face, and nearly too many bytes."""
    app = answer()
    if app is None:
        return say(OPEN, "Not answered yet: make_app has to return the app.")
    app.config["PROPAGATE_EXCEPTIONS"] = True  # an error is named here, rather than answered with a bare 500
    client, got = app.test_client(), {}
    hints = {
        (
            "a dark picture",
            200,
        ): "A picture without a face is answered with 200: a program would take that for an answer.",
        ("100,001 bytes", 415): "Look at the number of bytes before you decode: more than 100,000 are a 413.",
        ("100,001 bytes", 200): "More than 100,000 bytes are a 413.",
        ("90 KB", 413): "90 KB are refused: only more than 100,000 bytes are too many.",
    }
    for (name, body), wanted in zip(bodies.items(), (200, 415, 413, 422, 200), strict=True):
        try:
            got[name] = client.post("/predict", data=body)
        except Exception as error:
            text = f"On {name} your app stopped with {checks.one_line(error)}."
            if name == "no picture" and isinstance(error, ValueError):
                text = f"{text} Catch ValueError and answer 415."
            if "JSON serializable" in str(error):
                text = f"{text} JSON knows Python's numbers only: float(p)."
            return say(WRONG, text)
        status = got[name].status_code
        if status == 404:
            return say(WRONG, "There is nothing at /predict (404).")
        if status == 405:
            return say(WRONG, "/predict does not take POST (405): methods=['POST'], or @app.post.")
        if status != wanted:
            return say(WRONG, hints.get((name, status), f"For {name} your app answers {status}, not {wanted}."))
    reply = got["a bright picture"].get_json(silent=True)
    named = reply.get("probabilities") if isinstance(reply, dict) else None
    if not isinstance(named, dict) or set(named) != set(CLASSES):
        return say(WRONG, 'The statuses are right. The answer needs {"probabilities": {name: p}} with the seven names.')
    if abs(sum(named.values()) - 1) > 1e-5:
        return say(WRONG, f"The probabilities add up to {sum(named.values()):.4g}, not to 1.")
    return say(RIGHT, "The five bodies get the right statuses, and the probabilities add up to 1.")
