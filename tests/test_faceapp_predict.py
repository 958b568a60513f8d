"""What is served is what was trained: the same face gives the same tensor both ways, whatever its size and colours."""

import threading

import keras
import numpy as np
import pytest
from PIL import Image

import drawn_faces
import faceapp
from helpers import CLASSES, data, pretrained
from helpers.files import CourseError
from helpers.pretrained import emotion

from .faceapp_world import brightness, middle, predictor
from .hostile import class_folders, whole


def recording():
    """A predictor, and the list of the batches that reach its model."""
    batches = []
    made = faceapp.Predictor(lambda batch: batches.append(batch.copy()) or brightness(batch), middle, margin=0)
    return made, batches


@pytest.mark.parametrize("side", [30, 48, 250])
@pytest.mark.parametrize("colour", [False, True])
def test_the_same_face_gives_the_same_tensor_as_in_training(tmp_path, side, colour):
    face = drawn_faces.faces(1, side, seed=side, workers=1).images[0]
    if colour:
        face = np.stack([face, face // 2, 255 - face // 3], -1)
    Image.fromarray(face).save(tmp_path / "face.png")
    trained = data.decode(tmp_path / "face.png", 48)
    served, batches = recording()
    for image in (face, tmp_path / "face.png"):
        served.faces(image, [(0, 0, side, side)])
    for batch in batches:
        assert batch.shape == (1, 48, 48, 1) and batch.dtype == np.float32
        np.testing.assert_array_equal(batch[0, ..., 0], trained)


def test_the_loader_and_the_predictor_agree_on_a_whole_set(tmp_path):
    root = class_folders(tmp_path / "set", whole(2))
    served, _ = recording()
    files = sorted((root / "train").rglob("*.png"))
    crops = {served.crops(file, [(0, 0, 48, 48)]).tobytes() for file in files}
    assert crops == {image.tobytes() for image in data.load(root).train.images} and len(crops) == 14


def test_faces_come_with_seven_named_probabilities():
    scene = drawn_faces.scene(2, seed=3)
    faces = faceapp.Predictor(brightness, lambda image: scene.boxes)(scene.image)
    assert [face.box for face in faces] == scene.boxes
    said = faces[0].as_dict()
    assert said["box"] == list(scene.boxes[0]) and list(said["probabilities"]) == list(CLASSES)
    assert list(said["probabilities"].values()) == pytest.approx(faces[0].probabilities)
    assert said["emotion"] == faces[0].emotion == CLASSES[int(faces[0].probabilities.argmax())]
    assert said["probabilities"][faces[0].emotion] == pytest.approx(faces[0].confidence)
    assert faceapp.Predictor(brightness, lambda image: [])(scene.image) == []


def test_a_model_of_other_classes_and_pictures_of_another_size_are_refused():
    with pytest.raises(CourseError, match=r"\(1, 3\).*7 probabilities"):
        faceapp.Predictor(lambda batch: np.ones((len(batch), 3)), middle)(np.zeros((60, 60), np.uint8))
    with pytest.raises(CourseError, match="48"):
        predictor().probabilities(np.zeros((2, 48, 48, 1), np.uint8))


def test_the_square_stays_within_the_frame():
    from faceapp.boxes import square

    assert square((10, 20, 30, 40), (200, 200)) == (5, 20, 40)
    assert square((10, 20, 40, 40), (200, 200), margin=0.5) == (0, 10, 60)
    assert square((180, 180, 40, 40), (200, 200), margin=0.5) == (140, 140, 60)
    assert square((0, 0, 90, 300), (100, 400)) == (0, 0, 100)
    rng = np.random.default_rng(0)
    for _ in range(300):
        height, width = rng.integers(1, 300, 2)
        box = (*rng.integers(-50, 300, 2), *rng.integers(1, 400, 2))
        x, y, side = square(box, (height, width), rng.uniform(-0.3, 1))
        assert side >= 1 and x >= 0 and y >= 0 and x + side <= width and y + side <= height
        assert faceapp.crop(np.zeros((height, width), np.uint8), box).shape == (48, 48)


def test_the_margin_is_the_detectors_own_unless_given():
    framed = type("Framed", (), {"margin": 0.2, "__call__": lambda self, image: [(20, 20, 40, 40)]})()
    assert (predictor(detector=framed).margin, predictor(detector=framed, margin=0).margin, predictor().margin) == (
        0.2,
        0,
        0,
    )
    image = np.random.default_rng(0).integers(0, 256, (90, 90), dtype=np.uint8)
    (cut,) = predictor(detector=framed).crops(image, [(20, 20, 40, 40)])
    np.testing.assert_array_equal(cut, image[16:64, 16:64])


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    image = keras.Input((48, 48, 1))
    x = keras.layers.Conv2D(4, 5, strides=4)(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, keras.layers.Dense(7, activation="softmax")(x))


def test_a_keras_model_is_compiled_once_and_agrees_with_predict(net):
    traced, layer = [], net.layers[1]
    call = layer.call
    layer.call = lambda x: traced.append(x.shape) or call(x)
    try:
        made = faceapp.Predictor(net, middle)
        crops = np.random.default_rng(1).integers(0, 256, (70, 48, 48), dtype=np.uint8)
        found = {n: made.probabilities(crops[:n]) for n in (1, 2, 5, 70, 0, 1)}
        if keras.backend.backend() == "tensorflow":
            assert traced == [(None, 48, 48, 1)]
    finally:
        layer.call = call
    expected = net.predict(crops[..., None].astype(np.float32), verbose=0)
    for n, rows in found.items():
        np.testing.assert_allclose(rows, expected[:n], atol=1e-5)


def test_one_predictor_serves_several_threads(net):
    made, results = faceapp.Predictor(net, middle), {}
    pictures = [np.full((90 + k, 100, 3), 10 * k, np.uint8) for k in range(8)]
    threads = [threading.Thread(target=lambda k=k: results.update({k: made(pictures[k])})) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, image in enumerate(pictures):
        np.testing.assert_allclose(results[k][0].probabilities, made(image)[0].probabilities, atol=1e-6)


@pytest.fixture(scope="module")
def bundled():
    if pretrained.lite() is None:
        pytest.skip("no interpreter of LiteRT here, or another backend")
    return pretrained.emotion_net()


def test_the_bundled_net_is_served_by_its_litert_file(bundled, capsys):
    crops = drawn_faces.faces(70, seed=14, workers=1).images
    expected = bundled.predict(crops[..., None], verbose=0)
    for model in (None, bundled):
        made = faceapp.Predictor(model, middle)
        assert made.runs_on == "nothing yet"
        rows = made.probabilities(crops)
        assert "LiteRT" in made.runs_on and capsys.readouterr().out == f"network   {made.runs_on}\n"
        np.testing.assert_allclose(rows, expected, atol=0.05)
        np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
        for n in (0, 1, 3):  # a face's answer does not depend on who else is in the picture
            np.testing.assert_array_equal(made.probabilities(crops[:n]), rows[:n])
    assert made.prepared.model.count_params() == bundled.count_params()


def test_threads_that_share_the_litert_file_get_their_own_answers(bundled):
    made, results = faceapp.Predictor(detector=middle), {}
    crops = drawn_faces.faces(64, seed=15, workers=1).images.reshape(8, 8, 48, 48)
    alone = [made.probabilities(group) for group in crops]

    def ask(k):
        results[k] = [made.probabilities(crops[k]) for _ in range(10)]

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(8):
        assert all(np.array_equal(found, alone[k]) for found in results[k])


def test_other_weights_and_a_machine_without_an_interpreter_are_served_by_keras(bundled, monkeypatch):
    other = keras.models.clone_model(bundled)
    other.set_weights([weight + 0.01 for weight in bundled.get_weights()])
    crops = np.random.default_rng(2).integers(0, 256, (3, 48, 48), dtype=np.uint8)

    def by_keras(model):
        made = faceapp.Predictor(model, middle)
        expected = (model or bundled).predict(crops[..., None], verbose=0)
        np.testing.assert_allclose(made.probabilities(crops), expected, atol=1e-5)
        return made.runs_on

    assert by_keras(other) == "emotion_net, compiled by Keras"

    def absent():
        raise ModuleNotFoundError("No module named 'ai_edge_litert'")

    monkeypatch.setattr(emotion, "interpreters", absent)
    assert by_keras(None) == by_keras(bundled) == "emotion_net, compiled by Keras"
