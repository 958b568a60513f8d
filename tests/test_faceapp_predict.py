"""What is served is what was trained: the same face gives the same tensor both ways, whatever its size and colours."""

import threading

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression

import drawn_faces
import faceapp
from faceapp import predict as room
from helpers import CLASSES, data
from helpers.pretrained.fer import FER_ORDER

from .faceapp_world import brightness, middle, predictor
from .hostile import class_folders, whole


def seen_by_the_model():
    """A predictor and the list of what reaches its model."""
    reached = []
    made = faceapp.Predictor(lambda batch: reached.append(batch.copy()) or brightness(batch), middle, margin=0, lift=0)
    return made, reached


@pytest.mark.parametrize("side", [30, 48, 100, 192, 250])
@pytest.mark.parametrize("colour", [False, True])
def test_the_same_face_gives_the_same_tensor_as_in_training(tmp_path, side, colour):
    face = drawn_faces.faces(1, side, seed=side, workers=1).images[0]
    if colour:
        face = np.stack([face, face // 2, 255 - face // 3], -1)
    Image.fromarray(face).save(tmp_path / "face.png")
    trained = data.decode(tmp_path / "face.png", 48)
    served, reached = seen_by_the_model()
    for image in (face, tmp_path / "face.png"):
        served.faces(image, [(0, 0, side, side)])
    for batch in reached:
        assert batch.shape == (1, 48, 48, 1) and batch.dtype == np.float32
        np.testing.assert_array_equal(batch[0, ..., 0], trained)


def test_the_loader_and_the_live_path_agree_on_a_whole_set(tmp_path):
    root = class_folders(tmp_path / "set", whole(2))
    sets = data.load(root)
    served, _ = seen_by_the_model()
    files = sorted((root / "train").rglob("*.png"))
    crops = {served.crops(file, [(0, 0, 48, 48)]).tobytes() for file in files}
    assert crops == {image.tobytes() for image in sets.train.images} and len(crops) == 14


def test_what_another_division_by_255_costs():
    """Report 4's live program divided by 255, its training did not: accuracy falls to that of guessing."""
    same = {"identity": 3, "scale": 1.1, "shift_x": 0, "shift_y": 0, "light_x": 0, "light_y": -0.3, "occluder": "none"}
    faces = drawn_faces.faces(210, seed=5, balanced=True, intensity=1.0, frontal=True, workers=1, **same)
    learned, other = faces.images[:140].reshape(140, -1), faces[140:]
    fitted = LogisticRegression(C=0.5, max_iter=500, tol=0.01).fit(learned / 255, faces.labels[:140])

    def net(batch):
        return fitted.predict_proba(batch.reshape(len(batch), -1) / 255)  # its own division, inside, as in training

    def accuracy(model):
        found = faceapp.Predictor(model, middle).probabilities(other.images)
        return float((found.argmax(1) == other.labels).mean())

    right, wrong = accuracy(net), accuracy(lambda batch: net(batch / 255))
    print(f"accuracy {right:.2f}, divided by 255 once more {wrong:.2f}")
    assert right > 0.8 and wrong < 0.25


def test_faces_come_with_seven_named_probabilities():
    scene = drawn_faces.scene(2, seed=3)
    made = faceapp.Predictor(brightness, lambda image: scene.boxes)
    faces = made(scene.image)
    assert [face.box for face in faces] == scene.boxes
    for box, probabilities in faces:
        assert len(box) == 4 and probabilities.shape == (7,) and probabilities.sum() == pytest.approx(1, abs=1e-5)
    said = faces[0].as_dict()
    assert said["box"] == list(scene.boxes[0]) and list(said["probabilities"]) == list(CLASSES)
    assert said["emotion"] == faces[0].emotion == CLASSES[int(faces[0].probabilities.argmax())]
    assert said["probabilities"][faces[0].emotion] == pytest.approx(faces[0].confidence)
    assert faceapp.Predictor(brightness, lambda image: [])(scene.image) == []


def test_fers_order_of_classes_is_brought_into_ours():
    def fer(batch):  # its first three classes are ours, then it has happy, sad, surprise, neutral
        return np.tile(np.arange(7, dtype=np.float32) / 21, (len(batch), 1))

    (face,) = faceapp.Predictor(fer, middle, classes=FER_ORDER)(np.zeros((96, 96), np.uint8))
    named = face.as_dict()["probabilities"]
    assert face.emotion == "neutral" and named["neutral"] == pytest.approx(6 / 21)
    assert [round(21 * named[name]) for name in FER_ORDER] == list(range(7))
    (wrong,) = faceapp.Predictor(fer, middle)(np.zeros((96, 96), np.uint8))
    assert wrong.emotion == "surprise", "the classic mistake: neutral is read as surprise"
    with pytest.raises(ValueError, match="in the order of the model's outputs"):
        faceapp.Predictor(fer, middle, classes=("happy", "sad"))


def test_a_model_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"expected 7 probabilities a face, found an output of shape \(1, 3\)"):
        faceapp.Predictor(lambda batch: np.ones((len(batch), 3)), middle)(np.zeros((60, 60), np.uint8))


def test_the_square_stays_within_the_frame():
    assert faceapp.square((10, 20, 30, 40), (200, 200)) == (5, 20, 40)
    assert faceapp.square((10, 20, 40, 40), (200, 200), margin=0.5) == (0, 10, 60)
    assert faceapp.square((180, 180, 40, 40), (200, 200), margin=0.5) == (140, 140, 60)
    assert faceapp.square((0, 0, 90, 300), (100, 400)) == (0, 0, 100)
    assert faceapp.square((50, 50, 20, 20), (200, 200), lift=0.5) == (50, 40, 20)
    rng = np.random.default_rng(0)
    for _ in range(300):
        height, width = rng.integers(1, 300, 2)
        box = (*rng.integers(-50, 300, 2), *rng.integers(1, 400, 2))
        x, y, side = faceapp.square(box, (height, width), rng.uniform(-0.3, 1))
        assert side >= 1 and x >= 0 and y >= 0 and x + side <= width and y + side <= height
        assert faceapp.crop(np.zeros((height, width), np.uint8), box).shape == (48, 48)


def test_batches_are_filled_up_to_few_sizes():
    made, reached = seen_by_the_model()
    crops = np.random.default_rng(0).integers(0, 256, (37, 48, 48), dtype=np.uint8)
    found = made.probabilities(crops)
    assert [len(batch) for batch in reached] == [16, 16, 8] and found.shape == (37, 7)
    np.testing.assert_allclose(
        found, np.concatenate([made.probabilities(crops[i : i + 1]) for i in range(37)]), atol=1e-6
    )
    assert made.probabilities(crops[:0]).shape == (0, 7)
    with pytest.raises(ValueError, match="expected grey pictures"):
        made.probabilities(crops[..., None])


@pytest.fixture(scope="module")
def net():
    keras.utils.set_random_seed(0)
    image = keras.Input((48, 48, 1))
    x = keras.layers.Conv2D(4, 5, strides=4)(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, keras.layers.Dense(7, activation="softmax")(x))


def test_a_keras_model_is_compiled_once_a_size_and_agrees_with_predict(net):
    made = faceapp.Predictor(net, middle)
    crops = np.random.default_rng(1).integers(0, 256, (23, 48, 48), dtype=np.uint8)
    expected = net.predict(crops[..., None].astype(np.float32), verbose=0)
    for n in (1, 2, 3, 4, 5, 7, 16, 23, 6, 1):
        np.testing.assert_allclose(made.probabilities(crops[:n]), expected[:n], atol=1e-5)
    if keras.backend.backend() == "tensorflow":
        assert sorted(made.call.known) == list(room.BATCHES)


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


def test_a_detector_has_its_own_framing_unless_told():
    haar_like = type("Found", (), {"margin": 0.2, "lift": 0.1, "__call__": lambda self, image: [(20, 20, 40, 40)]})()
    assert predictor(detector=haar_like).framing() == (0.2, 0.1)
    assert predictor(detector=haar_like, margin=0).framing() == (0, 0.1)
    assert predictor().framing() == (0, 0)
